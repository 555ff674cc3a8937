using ModelRunner.Abstractions.Requests;

namespace ModelRunner.Server.Streaming;

/// <summary>
/// Writes <c>chat.completion.chunk</c> events: for each choice the role first and the finish reason last, then the
/// usage when asked for.
/// </summary>
internal sealed class ChatChunkWriter(AnswerIdentity identity, int choiceCount, bool includeUsage)
    : IChunkWriter<ChatUpdate>
{
    private readonly ChunkFrame _frame = new(identity, "chat.completion.chunk", includeUsage);

    /// <summary>The tokens of the answer; null until its end.</summary>
    public TokenUsage? Usage { get; private set; }

    public void Begin(Utf8Buffer buffer)
    {
        for (var choice = 0; choice < choiceCount; choice++)
        {
            _frame.BeginChoice(buffer, choice);
            buffer.Append(",\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"logprobs\":null"u8);
            _frame.EndChoice(buffer, FinishReason.None);
        }
    }

    public void Write(Utf8Buffer buffer, in ChatUpdate update)
    {
        Usage = update.Usage ?? Usage;

        // Text that comes with the end is a chunk of its own: the last chunk's delta is empty.
        var isText = update.Kind is not (ChatUpdateKind.ToolCallStart or ChatUpdateKind.Finish);
        if (update.Kind == ChatUpdateKind.ToolCallStart || !update.Text.IsEmpty || (isText && update.LogProbability is not null))
        {
            _frame.BeginChoice(buffer, update.ChoiceIndex);
            buffer.Append(",\"delta\":{"u8);
            WriteDelta(buffer, update);
            buffer.Append("}"u8);
            WriteLogProbabilities(buffer, update);
            _frame.EndChoice(buffer, FinishReason.None);
        }

        if (update.FinishReason == FinishReason.None) return;
        _frame.BeginChoice(buffer, update.ChoiceIndex);
        buffer.Append(",\"delta\":{},\"logprobs\":null"u8);
        _frame.EndChoice(buffer, update.FinishReason);
    }

    public void End(Utf8Buffer buffer)
    {
        if (includeUsage && Usage is { } usage) _frame.WriteUsage(buffer, usage);
    }

    private static void WriteDelta(Utf8Buffer buffer, in ChatUpdate update)
    {
        switch (update.Kind)
        {
            case ChatUpdateKind.Reasoning:
                buffer.Append("\"reasoning_content\":\""u8);
                buffer.AppendEscaped(update.Text.Span);
                buffer.Append("\""u8);
                break;
            case ChatUpdateKind.ToolCallStart:
                buffer.Append("\"tool_calls\":[{\"index\":"u8);
                buffer.AppendNumber(update.ToolCallIndex);
                buffer.Append(",\"id\":"u8);
                buffer.AppendString(update.ToolCall?.Id ?? "");
                buffer.Append(",\"type\":\"function\",\"function\":{\"name\":"u8);
                buffer.AppendString(update.ToolCall?.Name ?? "");
                buffer.Append(",\"arguments\":\""u8);
                buffer.AppendEscaped(update.Text.Span);
                buffer.Append("\"}}]"u8);
                break;
            case ChatUpdateKind.ToolCallArguments:
                buffer.Append("\"tool_calls\":[{\"index\":"u8);
                buffer.AppendNumber(update.ToolCallIndex);
                buffer.Append(",\"function\":{\"arguments\":\""u8);
                buffer.AppendEscaped(update.Text.Span);
                buffer.Append("\"}}]"u8);
                break;
            default:
                buffer.Append("\"content\":\""u8);
                buffer.AppendEscaped(update.Text.Span);
                buffer.Append("\""u8);
                break;
        }
    }

    private static void WriteLogProbabilities(Utf8Buffer buffer, in ChatUpdate update)
    {
        if (update.LogProbability is not { } token)
        {
            buffer.Append(",\"logprobs\":null"u8);
            return;
        }

        buffer.Append(",\"logprobs\":{\"content\":[{"u8);
        WriteToken(buffer, token);
        buffer.Append(",\"top_logprobs\":["u8);
        var top = update.TopLogProbabilities ?? [];
        for (var index = 0; index < top.Count; index++)
        {
            buffer.Append(index == 0 ? "{"u8 : ",{"u8);
            WriteToken(buffer, top[index]);
            buffer.Append("}"u8);
        }

        buffer.Append("]}],\"refusal\":null}"u8);
    }

    private static void WriteToken(Utf8Buffer buffer, in TokenLogProbability token)
    {
        buffer.Append("\"token\":"u8);
        buffer.AppendString(TokenText.GetLossy(token.Bytes));
        buffer.Append(",\"logprob\":"u8);
        buffer.AppendNumber(TokenText.Finite(token.LogProbability));
        buffer.Append(",\"bytes\":["u8);
        var bytes = token.Bytes.Span;
        for (var index = 0; index < bytes.Length; index++)
        {
            if (index > 0) buffer.Append(","u8);
            buffer.AppendNumber(bytes[index]);
        }

        buffer.Append("]"u8);
    }
}
