using System.Text;
using System.Text.Json;

namespace ModelRunner.Clients.Tests;

/// <summary>
/// Puts chunks together by the rules of Spring AI on OpenAI's SDK for Java: a chunk without id, model or choices, and a
/// choice without index, delta or finish reason, is an exception there; the usage comes in a chunk without choices. Deltas of
/// calls are merged by their index and kept back until the finish reason says that calls were the end; one without id or name
/// is an exception then.
/// </summary>
internal sealed class SpringChunkMerger
{
    private readonly StringBuilder _content = new();
    private readonly StringBuilder _reasoning = new();
    private readonly SortedDictionary<int, Call> _calls = [];
    private string? _id;

    public string Content => _content.ToString();

    public string Reasoning => _reasoning.ToString();

    /// <summary>The calls in the order of their indices; none before the finish reason.</summary>
    public IReadOnlyList<(string Id, string Name, string Arguments)> Calls { get; private set; } = [];

    public string? FinishReason { get; private set; }

    public int TotalTokens { get; private set; }

    /// <summary>What a whole stream gives.</summary>
    public static SpringChunkMerger Merge(string stream)
    {
        var merger = new SpringChunkMerger();
        var events = stream.Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("data: [DONE]", events[^1]);
        foreach (var line in events[..^1])
            if (line.StartsWith("data: ", StringComparison.Ordinal))
                merger.Add(JsonSerializer.Deserialize<JsonElement>(line["data: ".Length..]));
        return merger;
    }

    private void Add(JsonElement chunk)
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
        _content.Append(TextOf(delta, "content"));
        _reasoning.Append(TextOf(delta, "reasoning_content") ?? TextOf(delta, "reasoning"));
        if (delta.TryGetProperty("tool_calls", out var calls) && calls.ValueKind == JsonValueKind.Array)
            foreach (var call in calls.EnumerateArray())
                AddCall(call);

        if (finishReason.ValueKind != JsonValueKind.String) return;
        FinishReason = finishReason.GetString();
        if (FinishReason == "tool_calls") Calls = [.. _calls.Values.Select(call => call.Build())];
        else Assert.Empty(_calls);
    }

    private void AddCall(JsonElement delta)
    {
        var index = delta.GetProperty("index").GetInt32();
        if (!_calls.TryGetValue(index, out var call)) _calls.Add(index, call = new Call());
        call.Id ??= TextOf(delta, "id");
        if (!delta.TryGetProperty("function", out var function)) return;
        call.Name ??= TextOf(function, "name");
        call.Arguments.Append(TextOf(function, "arguments"));
    }

    private static string? TextOf(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private sealed class Call
    {
        public string? Id { get; set; }

        public string? Name { get; set; }

        public StringBuilder Arguments { get; } = new();

        public (string Id, string Name, string Arguments) Build()
        {
            Assert.False(string.IsNullOrEmpty(Id), "a call without an id");
            Assert.False(string.IsNullOrEmpty(Name), "a call without a name");
            return (Id, Name, Arguments.ToString());
        }
    }
}
