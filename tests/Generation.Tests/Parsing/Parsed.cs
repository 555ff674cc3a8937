using System.Text;
using ModelRunner.Abstractions.Requests;
using ModelRunner.Generation.Parsing;

namespace ModelRunner.Generation.Tests.Parsing;

/// <summary>The events of an answer, joined.</summary>
internal sealed record Parsed(string Reasoning, string Content, string Calls)
{
    public static readonly ChatTool[] Tools =
    [
        new("get_weather", JsonText.From("""{"type":"object","properties":{"city":{"type":"string"},"days":{"type":"integer"}}}"""), false, JsonText.From("{}")),
        new("search", JsonText.From("""{"type":"object","properties":{"query":{"type":"string"}}}"""), false, JsonText.From("{}")),
    ];

    public static Parsed Of(OutputFormat format, IEnumerable<string> pieces, bool startsInReasoning = false, int maxCalls = int.MaxValue, string written = "")
    {
        var parser = new OutputParser(format, Tools, startsInReasoning, maxCalls);
        parser.Begin(written);
        var reasoning = new StringBuilder();
        var content = new StringBuilder();
        var calls = new List<(string Name, string? Id, StringBuilder Arguments)>();
        foreach (var piece in pieces)
            Add(parser.Push(piece));

        Add(parser.Finish());
        return new Parsed(
            reasoning.ToString(),
            content.ToString(),
            string.Join(" ", calls.Select(call => $"{call.Name}{(call.Id is null ? "" : $"#{call.Id}")}{call.Arguments}")));

        void Add(IReadOnlyList<OutputEvent> events)
        {
            foreach (var item in events)
            {
                switch (item.Kind)
                {
                    case ChatUpdateKind.Reasoning:
                        reasoning.Append(item.Text);
                        break;
                    case ChatUpdateKind.Content:
                        content.Append(item.Text);
                        break;
                    case ChatUpdateKind.ToolCallStart:
                        Assert.Equal(calls.Count, item.CallIndex);
                        calls.Add((item.Call!.Name, item.Call.Id, new StringBuilder()));
                        break;
                    default:
                        calls[item.CallIndex].Arguments.Append(item.Text);
                        break;
                }
            }
        }
    }
}
