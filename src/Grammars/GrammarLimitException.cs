namespace ModelRunner.Grammars;

/// <summary>A bound of <see cref="GrammarLimits"/> was reached; the compiler turns it into the client's error.</summary>
internal sealed class GrammarLimitException(string what) : Exception($"The grammar is too complex: {what}.");
