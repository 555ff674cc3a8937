namespace ModelRunner.Abstractions.Engines;

/// <summary>Facts about a model that its header tells, without loading the weights.</summary>
/// <param name="Architecture">The architecture's name in its format, for example <c>llama</c>.</param>
/// <param name="ParameterCount">Number of weights, or 0 when not known.</param>
/// <param name="Quantization">The storage type of most weights, for example <c>Q4_0</c>; empty when not known.</param>
/// <param name="ContextLength">Tokens that the model was trained for, or 0 when not known.</param>
public sealed record ModelSummary(string Architecture, long ParameterCount, string Quantization, int ContextLength);
