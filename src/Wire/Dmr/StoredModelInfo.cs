using System.Text.Json.Serialization;

namespace ModelRunner.Wire.Dmr;

/// <summary>A model in the answers of <c>GET /models</c> and <c>GET /models/{name}</c>.</summary>
/// <param name="Id">The digest of its manifest, or what stands for it.</param>
/// <param name="Tags">Its names; absent where it has none.</param>
/// <param name="Created">Unix time.</param>
/// <param name="Config">What it says about itself.</param>
public sealed record StoredModelInfo(
    string Id,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<string>? Tags,
    long Created,
    StoredModelConfig Config)
{
    /// <summary>Ours: whether it is used where it stands, and is not in the store.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool InPlace { get; init; }
}
