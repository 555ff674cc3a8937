namespace ModelRunner.Engines.LlamaCpp;

/// <summary>The content of the stream Source goes to Target; what was there goes to Source, by way of Spare.</summary>
/// <param name="Source">A stream with a sequence.</param>
/// <param name="Target">Another stream.</param>
/// <param name="Spare">An empty stream, or -1 where Target is empty itself.</param>
internal readonly record struct StreamMove(int Source, int Target, int Spare);
