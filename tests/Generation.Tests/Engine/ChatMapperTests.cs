using System.Text;
using ModelRunner.Abstractions.Requests;
using ModelRunner.Generation.Engine;
using ModelRunner.Generation.Parsing;
using ModelRunner.Generation.Prompting;
using ModelRunner.Generation.Requests;
using ModelRunner.Generation.Scheduling;
using ModelRunner.Generation.Tests.Parsing;
using ModelRunner.Generation.Text;
using ModelRunner.Testing;

namespace ModelRunner.Generation.Tests.Engine;

public sealed class ChatMapperTests
{
    private static readonly OutputFormat Format = new()
    {
        Calls = OutputFormats.Fallback,
        Reasoning = new ReasoningFormat("<think>", "</think>"),
    };

    [Fact]
    public async Task MapAsync_CallAfterReasoning_FinishesWithToolCallsAndCountsReasoning()
    {
        var updates = await MapAsync(
            new ChatRequest { Messages = [], Tools = Parsed.Tools },
            ["Hm", ".</think>", "<tool_call>{\"name\": \"search\", ", "\"arguments\": {\"query\": ", "\"a\"}}</tool_call>"],
            FinishReason.Stop);

        Assert.Equal("Hm.", Join(updates, ChatUpdateKind.Reasoning));
        Assert.Equal("{\"query\": \"a\"}", Join(updates, ChatUpdateKind.ToolCallArguments));
        var start = Assert.Single(updates, update => update.Kind == ChatUpdateKind.ToolCallStart);
        Assert.Equal("search", start.ToolCall!.Name);
        Assert.Matches("^call_[A-Za-z0-9]{24}$", start.ToolCall.Id);
        Assert.Equal(FinishReason.ToolCalls, updates[^1].FinishReason);
        Assert.Equal(2, updates[^1].Usage!.Value.ReasoningTokenCount);
    }

    [Fact]
    public async Task MapAsync_ToolChoiceNone_LooksForNoCalls()
    {
        const string Text = "<tool_call>{\"name\": \"search\", \"arguments\": {}}</tool_call>";
        var updates = await MapAsync(
            new ChatRequest { Messages = [], Tools = Parsed.Tools, ToolChoice = new ToolChoice(ToolChoiceMode.None, []) },
            ["</think>", Text],
            FinishReason.Stop);

        Assert.Equal(Text, Join(updates, ChatUpdateKind.Content));
        Assert.Equal(FinishReason.Stop, updates[^1].FinishReason);
    }

    [Fact]
    public async Task MapAsync_LengthInsideACall_SaysLength()
    {
        var updates = await MapAsync(
            new ChatRequest { Messages = [], Tools = Parsed.Tools },
            ["</think><tool_call>{\"name\": \"search\", \"arguments\": {\"query\": \"a"],
            FinishReason.Length);

        Assert.Equal("{\"query\": \"a", Join(updates, ChatUpdateKind.ToolCallArguments));
        Assert.Equal(FinishReason.Length, updates[^1].FinishReason);
    }

    [Fact]
    public async Task MapAsync_NoParallelCalls_EndsAfterTheFirst()
    {
        const string Call = "<tool_call>{\"name\": \"search\", \"arguments\": {}}</tool_call>";
        var updates = await MapAsync(
            new ChatRequest { Messages = [], Tools = Parsed.Tools, ParallelToolCalls = false },
            ["</think>", Call, Call],
            FinishReason.Stop);

        Assert.Single(updates, update => update.Kind == ChatUpdateKind.ToolCallStart);
    }

    [Fact]
    public async Task MapAsync_PromptThatOpensACall_LeavesItsTextOut()
    {
        var format = new OutputFormat { Calls = OutputFormats.Fallback, Noise = ["<note>"] };
        var updates = await MapAsync(
            new ChatRequest { Messages = [] },
            ["Hi."],
            FinishReason.Length,
            new ChatPrompt([3], format, OpensReasoning: false) { Written = "<tool_call>" });

        Assert.Equal("Hi.", Join(updates, ChatUpdateKind.Content));
    }

    private static async Task<List<ChatUpdate>> MapAsync(ChatRequest request, string[] pieces, FinishReason reason, ChatPrompt? prompt = null)
    {
        var feed = new GenerationFeed(new GenerationRequest { Prompt = [3] }, pieces.Length + 1, static () => { }, static _ => { });
        foreach (var piece in pieces)
            feed.Write(new GenerationUpdate { Token = 3, LogProbability = float.NaN, Text = TextPiece.Stable(Encoding.UTF8.GetBytes(piece)) });

        feed.Write(new GenerationUpdate { Token = -1, FinishReason = reason, Usage = new TokenUsage(1, 0, pieces.Length) });
        feed.Complete(null);
        var mapper = new ChatMapper(new FakeTokenizer(32), request, prompt ?? new ChatPrompt([3], Format, OpensReasoning: true));
        var updates = new List<ChatUpdate>();
        await foreach (var update in mapper.MapAsync(feed, TestContext.Current.CancellationToken))
            updates.Add(update with { Text = update.Text.ToArray() });

        return updates;
    }

    private static string Join(List<ChatUpdate> updates, ChatUpdateKind kind) =>
        string.Concat(updates.Where(update => update.Kind == kind).Select(update => Encoding.UTF8.GetString(update.Text.Span)));
}
