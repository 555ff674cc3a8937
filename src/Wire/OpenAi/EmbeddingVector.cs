using System.Text.Json.Serialization;

namespace ModelRunner.Wire.OpenAi;

/// <summary>A vector in one of its two forms on the wire.</summary>
/// <param name="Values">The components.</param>
/// <param name="IsBase64">Whether it is written as base64 of little-endian 32-bit floats instead of numbers.</param>
[JsonConverter(typeof(EmbeddingVectorConverter))]
public readonly record struct EmbeddingVector(float[] Values, bool IsBase64);
