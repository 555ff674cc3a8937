using System.Text.Json.Serialization;

namespace ModelRunner.Wire.Dmr;

/// <summary>A layer in a line of progress.</summary>
/// <param name="Id">Its digest; absent where no layer moves.</param>
/// <param name="Size">Its bytes.</param>
/// <param name="Current">Bytes of it that are done.</param>
public sealed record ProgressLayer(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Id, long Size, long Current);
