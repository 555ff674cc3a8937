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

    /// <summary>
    /// Free text with JSON in it: an object whose <c>parts</c> are objects of <c>begin</c> (the text that starts a part,
    /// wherever it comes), <c>schema</c> (of the JSON behind it) and <c>end</c> (the text behind that). With
    /// <c>required</c> a part comes first and without text before it; with <c>once</c> there is at most one.
    /// </summary>
    Parts,
}
