namespace ModelRunner.Export.GenAi;

/// <summary>The names of the two weights of a matrix in blocks.</summary>
internal sealed record QuantizedMatrix(string Codes, string Scales);
