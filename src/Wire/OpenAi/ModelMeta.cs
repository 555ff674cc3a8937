namespace ModelRunner.Wire.OpenAi;

/// <summary>Facts of a model under llama-server's names.</summary>
/// <param name="NCtxTrain">Tokens that it was trained for.</param>
/// <param name="NParams">Number of weights.</param>
/// <param name="Size">Bytes.</param>
public sealed record ModelMeta(int NCtxTrain, long NParams, long Size);
