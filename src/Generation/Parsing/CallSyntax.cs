namespace ModelRunner.Generation.Parsing;

/// <summary>What a call is written in.</summary>
internal enum CallSyntax
{
    /// <summary>JSON with the name inside, or a name before JSON or tagged parameters: told by the first character.</summary>
    Markup,

    /// <summary>An object whose only key is the name.</summary>
    NameAsKey,

    /// <summary>Python calls in a list.</summary>
    Python,

    /// <summary>Gemma's <c>name{key:value}</c>.</summary>
    Gemma,
}
