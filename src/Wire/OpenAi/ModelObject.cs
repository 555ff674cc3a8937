using System.Text.Json.Serialization;

namespace ModelRunner.Wire.OpenAi;

/// <summary>
/// A model in a list, or by itself: OpenAI's four fields, and those of others that clients look for, absent where they
/// are not known.
/// </summary>
/// <param name="Id">The name under which it is listed.</param>
/// <param name="Object">Always <c>model</c>.</param>
/// <param name="Created">Unix seconds.</param>
/// <param name="OwnedBy">Who serves it.</param>
public sealed record ModelObject(string Id, string Object, long Created, string OwnedBy)
{
    /// <summary>Docker Model Runner's facts.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DmrModelFacts? Dmr { get; init; }

    /// <summary>Tokens that the model was trained for.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? ContextLength { get; init; }

    /// <summary>Tokens that a sequence may have now (vLLM's name): as loaded, else as trained.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? MaxModelLen { get; init; }

    /// <summary>As <see cref="ContextLength"/>, by LM Studio's name.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? MaxContextLength { get; init; }

    /// <summary>Tokens that a sequence may have while the model is loaded (LM Studio's name).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? LoadedContextLength { get; init; }

    /// <summary>llama-server's facts.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ModelMeta? Meta { get; init; }
}
