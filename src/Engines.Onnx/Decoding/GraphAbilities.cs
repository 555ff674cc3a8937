namespace ModelRunner.Engines.Onnx.Decoding;

/// <summary>What a graph was seen to do. Immutable.</summary>
/// <param name="SharesMemory">Past and present may be the same memory.</param>
/// <param name="ContinuesInChunks">Several tokens at once may follow a past.</param>
/// <param name="IsRagged">Sequences of different lengths may share a launch.</param>
internal readonly record struct GraphAbilities(bool SharesMemory, bool ContinuesInChunks, bool IsRagged);
