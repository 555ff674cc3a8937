using System.Text.Json.Serialization;

namespace ModelRunner.Wire.OpenAi;

/// <summary>The facts that Docker Model Runner adds to a model; absent where they are not known.</summary>
/// <param name="ContextWindow">Tokens that it was trained for.</param>
/// <param name="Architecture">For example <c>llama</c>.</param>
/// <param name="Parameters">As people write it: <c>361.82M</c>.</param>
/// <param name="Quantization">For example <c>Q4_K_M</c>.</param>
/// <param name="Size">As people write it: <c>256.35MiB</c>.</param>
public sealed record DmrModelFacts(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? ContextWindow,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Architecture,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Parameters,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Quantization,
    string Size);
