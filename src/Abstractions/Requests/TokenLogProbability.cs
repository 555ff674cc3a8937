namespace ModelRunner.Abstractions.Requests;

/// <summary>The log probability of a token under the model, before temperature and truncation.</summary>
/// <param name="Token">The token's id.</param>
/// <param name="Bytes">Its raw bytes, possibly part of a character; stable while the model is loaded.</param>
/// <param name="LogProbability">Natural logarithm, 0 at most.</param>
public readonly record struct TokenLogProbability(int Token, ReadOnlyMemory<byte> Bytes, float LogProbability);
