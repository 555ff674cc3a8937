namespace ModelRunner.Grammars.Regex;

/// <summary>An expression without some of its upper bounds.</summary>
/// <param name="Node">What it is without them.</param>
/// <param name="Reach">Bytes that can be read before the two differ in what ends, or goes on.</param>
internal readonly record struct Loosened(Rx Node, int Reach);
