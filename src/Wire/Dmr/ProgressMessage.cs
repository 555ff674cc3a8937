using System.Text.Json.Serialization;

namespace ModelRunner.Wire.Dmr;

/// <summary>A line of the stream of a pull or push.</summary>
/// <param name="Type"><c>progress</c>, <c>success</c>, <c>warning</c> or <c>error</c>.</param>
/// <param name="Message">For people.</param>
/// <param name="Total">Bytes of the whole model.</param>
/// <param name="Layer">The layer that moves.</param>
/// <param name="Mode"><c>pull</c>, <c>push</c>, or ours: <c>fsck</c>.</param>
public sealed record ProgressMessage(string Type, string Message, long Total, ProgressLayer Layer, string Mode)
{
    /// <summary>Ours: the stable code of an error.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Code { get; init; }
}
