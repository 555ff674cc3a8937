using ModelRunner.Abstractions.Requests;
using ModelRunner.Server.Streaming;
using ModelRunner.Wire.OpenAi;

namespace ModelRunner.Server.Answers;

/// <summary>Domain records to wire records.</summary>
internal static class AnswerMapper
{
    public static Usage ToWire(TokenUsage usage) => new(
        usage.PromptTokenCount,
        usage.CompletionTokenCount,
        usage.TotalTokenCount,
        new PromptTokensDetails(usage.CachedTokenCount),
        new CompletionTokensDetails(usage.ReasoningTokenCount));

    public static string ToWire(FinishReason reason) => reason switch
    {
        FinishReason.Length => "length",
        FinishReason.ToolCalls => "tool_calls",
        _ => "stop",
    };

    public static ChatTokenLogProbability ToWire(
        in TokenLogProbability token,
        IReadOnlyList<TokenLogProbability>? top) => new(
            TokenText.GetLossy(token.Bytes),
            TokenText.Finite(token.LogProbability),
            GetBytes(token),
            [.. (top ?? []).Select(other =>
                new ChatTopLogProbability(
                    TokenText.GetLossy(other.Bytes),
                    TokenText.Finite(other.LogProbability),
                    GetBytes(other)))]);

    private static List<int> GetBytes(in TokenLogProbability token)
    {
        var bytes = new List<int>(token.Bytes.Length);
        foreach (var value in token.Bytes.Span) bytes.Add(value);
        return bytes;
    }
}
