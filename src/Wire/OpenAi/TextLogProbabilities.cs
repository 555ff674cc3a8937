namespace ModelRunner.Wire.OpenAi;

/// <summary>Log probabilities in the form of the completions endpoint: parallel arrays, one entry a token.</summary>
/// <param name="TextOffset">Characters (code points) of the text before each token.</param>
/// <param name="TokenLogprobs">Null for the first token of an echoed prompt, which nothing predicts.</param>
/// <param name="Tokens">The tokens' text; bytes that are no character as <c>bytes:\x..</c>.</param>
/// <param name="TopLogprobs">Likely tokens and their log probability at each place.</param>
public sealed record TextLogProbabilities(
    IReadOnlyList<int> TextOffset,
    IReadOnlyList<float?> TokenLogprobs,
    IReadOnlyList<string> Tokens,
    IReadOnlyList<IReadOnlyDictionary<string, float>?> TopLogprobs);
