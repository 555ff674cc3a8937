namespace ModelRunner.Grammars.Regex;

/// <summary>A pattern that is not one, or uses what has no regular language.</summary>
internal sealed class RegexSyntaxException(string message) : Exception(message);
