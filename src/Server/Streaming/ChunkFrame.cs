using ModelRunner.Abstractions.Requests;

namespace ModelRunner.Server.Streaming;

/// <summary>What all chunks of a stream have in common, encoded once.</summary>
internal sealed class ChunkFrame
{
    private readonly byte[] _start;
    private readonly byte[] _end;

    /// <param name="identity">The answer's id, time and model.</param>
    /// <param name="objectName">The value of <c>object</c>.</param>
    /// <param name="includeUsage">Whether a usage chunk follows, in which case the others say <c>"usage":null</c>.</param>
    public ChunkFrame(AnswerIdentity identity, string objectName, bool includeUsage)
    {
        using var buffer = new Utf8Buffer();
        buffer.Append("data: {\"id\":"u8);
        buffer.AppendString(identity.Id);
        buffer.Append(",\"object\":"u8);
        buffer.AppendString(objectName);
        buffer.Append(",\"created\":"u8);
        buffer.AppendNumber(identity.Created);
        buffer.Append(",\"model\":"u8);
        buffer.AppendString(identity.Model);
        buffer.Append(",\"choices\":["u8);
        _start = buffer.Written.ToArray();
        _end = includeUsage ? "],\"usage\":null}\n\n"u8.ToArray() : "]}\n\n"u8.ToArray();
    }

    /// <summary>Begins a chunk with one choice, up to and with its index.</summary>
    public void BeginChoice(Utf8Buffer buffer, int index)
    {
        buffer.Append(_start);
        buffer.Append("{\"index\":"u8);
        buffer.AppendNumber(index);
    }

    /// <summary>Ends it, with the finish reason.</summary>
    public void EndChoice(Utf8Buffer buffer, FinishReason reason)
    {
        buffer.Append(",\"finish_reason\":"u8);
        buffer.Append(reason switch
        {
            FinishReason.None => "null}"u8,
            FinishReason.Length => "\"length\"}"u8,
            FinishReason.ToolCalls => "\"tool_calls\"}"u8,
            _ => "\"stop\"}"u8,
        });
        buffer.Append(_end);
    }

    /// <summary>The chunk without choices that carries the usage.</summary>
    public void WriteUsage(Utf8Buffer buffer, TokenUsage usage)
    {
        buffer.Append(_start);
        buffer.Append("],\"usage\":{\"prompt_tokens\":"u8);
        buffer.AppendNumber(usage.PromptTokenCount);
        buffer.Append(",\"completion_tokens\":"u8);
        buffer.AppendNumber(usage.CompletionTokenCount);
        buffer.Append(",\"total_tokens\":"u8);
        buffer.AppendNumber(usage.TotalTokenCount);
        buffer.Append(",\"prompt_tokens_details\":{\"cached_tokens\":"u8);
        buffer.AppendNumber(usage.CachedTokenCount);
        buffer.Append("},\"completion_tokens_details\":{\"reasoning_tokens\":"u8);
        buffer.AppendNumber(usage.ReasoningTokenCount);
        buffer.Append("}}}\n\n"u8);
    }
}
