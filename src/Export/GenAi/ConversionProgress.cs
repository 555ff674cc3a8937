namespace ModelRunner.Export.GenAi;

/// <summary>Where a conversion stands.</summary>
/// <param name="Weight">The one that is about to be written; empty at the end.</param>
/// <param name="WrittenBytes">Of <paramref name="TotalBytes"/>.</param>
/// <param name="TotalBytes">The data file's weights.</param>
public readonly record struct ConversionProgress(string Weight, long WrittenBytes, long TotalBytes);
