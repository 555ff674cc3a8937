namespace ModelRunner.Grammars.Languages;

/// <summary>A grammar that cannot be read; says what and where.</summary>
internal sealed class GrammarSyntaxException(string message) : Exception(message);
