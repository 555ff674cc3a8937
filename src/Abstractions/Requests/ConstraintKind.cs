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
    /// Free text with parts in it, as calls of tools are. An object of <c>begin</c> (the text that starts a part, wherever
    /// it comes) and <c>rest</c> (what must follow it). With <c>required</c> there is nothing but parts; with <c>once</c>
    /// there is at most one; <c>content</c> is what stands there instead of free text and parts; with <c>first</c> a part
    /// begins the output or does not come.
    /// <para>
    /// What must follow is a text, an array of such in their order, or an object: of a <c>schema</c>, a <c>pattern</c>,
    /// <c>any</c> (an array, one of which comes), <c>maybe</c>, <c>some</c> (one or more, with <c>between</c> between
    /// them), or of <c>until</c>, a text that ends at the first such marker, and that <c>choices</c>, <c>pattern</c>,
    /// <c>format</c>, <c>minLength</c> and <c>maxLength</c> may bind, without the newline on either side that it may have
    /// where it is <c>padded</c>. A <c>schema</c> may have a <c>parameter</c>, which errors name, and
    /// <c>orAny</c>, with which an object stands in for a schema that cannot be honoured.
    /// </para>
    /// </summary>
    Parts,

    /// <summary>Any text: what is bound is the preamble.</summary>
    Free,
}
