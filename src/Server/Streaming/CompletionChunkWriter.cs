using ModelRunner.Abstractions.Requests;

namespace ModelRunner.Server.Streaming;

/// <summary>Writes <c>text_completion</c> events: text, the finish reason last, then the usage when asked for.</summary>
internal sealed class CompletionChunkWriter(AnswerIdentity identity, int choiceCount, bool includeUsage)
    : IChunkWriter<CompletionUpdate>
{
    private readonly ChunkFrame _frame = new(identity, "text_completion", includeUsage);

    // Where the next token's text begins in each choice, in characters.
    private readonly int[] _offsets = new int[choiceCount];

    /// <summary>The tokens of the answer; null until its end.</summary>
    public TokenUsage? Usage { get; private set; }

    public void Begin(Utf8Buffer buffer)
    {
    }

    public void Write(Utf8Buffer buffer, in CompletionUpdate update)
    {
        Usage = update.Usage ?? Usage;
        if (update.Text.IsEmpty && update.LogProbability is null && update.FinishReason == FinishReason.None) return;
        _frame.BeginChoice(buffer, update.ChoiceIndex);
        buffer.Append(",\"text\":\""u8);
        buffer.AppendEscaped(update.Text.Span);
        buffer.Append("\""u8);
        WriteLogProbabilities(buffer, update);
        _frame.EndChoice(buffer, update.FinishReason);
    }

    public void End(Utf8Buffer buffer)
    {
        if (includeUsage && Usage is { } usage) _frame.WriteUsage(buffer, usage);
    }

    private void WriteLogProbabilities(Utf8Buffer buffer, in CompletionUpdate update)
    {
        if (update.LogProbability is not { } token)
        {
            buffer.Append(",\"logprobs\":null"u8);
            return;
        }

        ref var offset = ref _offsets[update.ChoiceIndex];
        buffer.Append(",\"logprobs\":{\"text_offset\":["u8);
        buffer.AppendNumber(offset);
        offset += TokenText.CountCharacters(token.Bytes.Span);
        buffer.Append("],\"token_logprobs\":["u8);

        // Nothing predicts the first token of an echoed prompt.
        if (float.IsNaN(token.LogProbability)) buffer.Append("null"u8);
        else buffer.AppendNumber(TokenText.Finite(token.LogProbability));
        buffer.Append("],\"tokens\":["u8);
        buffer.AppendString(TokenText.GetExact(token.Bytes));
        buffer.Append("],\"top_logprobs\":["u8);
        WriteTop(buffer, float.IsNaN(token.LogProbability) ? null : update.TopLogProbabilities ?? []);
        buffer.Append("]}"u8);
    }

    private static void WriteTop(Utf8Buffer buffer, IReadOnlyList<TokenLogProbability>? top)
    {
        if (top is null)
        {
            buffer.Append("null"u8);
            return;
        }

        // Several tokens may have one text; an object has each key once, and the best comes first.
        var seen = new HashSet<string>(StringComparer.Ordinal);
        buffer.Append("{"u8);
        foreach (var token in top)
        {
            var text = TokenText.GetExact(token.Bytes);
            if (!seen.Add(text)) continue;
            if (seen.Count > 1) buffer.Append(","u8);
            buffer.AppendString(text);
            buffer.Append(":"u8);
            buffer.AppendNumber(TokenText.Finite(token.LogProbability));
        }

        buffer.Append("}"u8);
    }
}
