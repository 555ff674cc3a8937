namespace ModelRunner.Tokenizers.Patterns;

/// <summary>A pattern that cannot be read, or needs what no finite automaton does.</summary>
internal sealed class PatternException(string message) : Exception(message);
