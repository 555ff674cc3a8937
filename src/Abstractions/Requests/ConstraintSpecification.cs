namespace ModelRunner.Abstractions.Requests;

/// <summary>A grammar that the output must follow, as data: what compiles it lives above the seam.</summary>
/// <param name="Kind">The language of <paramref name="Source"/>.</param>
/// <param name="Source">The schema, pattern or grammar as the client wrote it.</param>
public sealed record ConstraintSpecification(ConstraintKind Kind, JsonText Source)
{
    /// <summary>
    /// Whether properties come in the order of the schema, as OpenAI's strict mode has them; otherwise in any order.
    /// </summary>
    public bool IsStrict { get; init; }

    /// <summary>What may stand before the output that the grammar speaks of; null for nothing.</summary>
    public ConstraintPreamble? Preamble { get; init; }

    /// <summary>Text of the output that the prompt ends with: the grammar is where it leads, if it leads anywhere.</summary>
    public string Written { get; init; } = "";

    /// <summary>The field that it came in, for errors; null when there is no such field.</summary>
    public string? Parameter { get; init; }
}
