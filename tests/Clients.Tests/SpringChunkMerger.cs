using System.Text;
using System.Text.Json;

namespace ModelRunner.Clients.Tests;

/// <summary>
/// Puts chunks together by the rules of Spring AI on OpenAI's SDK for Java: a chunk without id, model or choices, and a
/// choice without index, delta or finish reason, is an exception there; the usage comes in a chunk without choices.
/// </summary>
internal sealed class SpringChunkMerger
{
    private readonly StringBuilder _content = new();
    private string? _id;

    public string Content => _content.ToString();

    public string? FinishReason { get; private set; }

    public int TotalTokens { get; private set; }

    public void Add(JsonElement chunk)
    {
        var id = chunk.GetProperty("id").GetString();
        Assert.Equal(_id ??= id, id);
        Assert.NotEqual("", chunk.GetProperty("model").GetString());
        Assert.Equal("chat.completion.chunk", chunk.GetProperty("object").GetString());
        var choices = chunk.GetProperty("choices");
        if (choices.GetArrayLength() == 0)
        {
            TotalTokens += chunk.GetProperty("usage").GetProperty("total_tokens").GetInt32();
            return;
        }

        foreach (var choice in choices.EnumerateArray())
            Add(choice.GetProperty("index").GetInt32(), choice.GetProperty("delta"), choice.GetProperty("finish_reason"));
    }

    private void Add(int index, JsonElement delta, JsonElement finishReason)
    {
        Assert.Equal(0, index);
        Assert.Null(FinishReason);
        if (delta.TryGetProperty("content", out var content) && content.ValueKind == JsonValueKind.String)
            _content.Append(content.GetString());
        if (finishReason.ValueKind == JsonValueKind.String)
            FinishReason = finishReason.GetString();
    }
}
