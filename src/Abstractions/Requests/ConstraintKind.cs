namespace ModelRunner.Abstractions.Requests;

/// <summary>The language of a <see cref="ConstraintSpecification"/>.</summary>
public enum ConstraintKind
{
    /// <summary>Any JSON object.</summary>
    JsonObject,

    /// <summary>A JSON Schema.</summary>
    JsonSchema,

    /// <summary>A regular expression, as a JSON string.</summary>
    Regex,

    /// <summary>A GBNF grammar, as a JSON string.</summary>
    Gbnf,

    /// <summary>A Lark grammar, as a JSON string.</summary>
    Lark,

    /// <summary>An array of strings, one of which is the output.</summary>
    Choice,
}
