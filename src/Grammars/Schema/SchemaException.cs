namespace ModelRunner.Grammars.Schema;

/// <summary>A schema that is wrong or cannot be honoured exactly; names the keyword and where it stands.</summary>
internal sealed class SchemaException(string keyword, string pointer, string reason)
    : Exception($"'{keyword}' at '{(pointer.Length == 0 ? "#" : "#" + pointer)}' {reason}.");
