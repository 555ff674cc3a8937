using System.Text.Json.Serialization;

namespace ModelRunner.Wire.Dmr;

/// <summary>The answer of an action on a model.</summary>
public sealed record ActionResult(
    string Message,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Source,
    string Target);
