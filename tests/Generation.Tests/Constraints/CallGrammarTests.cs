using System.Text;
using ModelRunner.Abstractions.Errors;
using ModelRunner.Abstractions.Requests;
using ModelRunner.Abstractions.Tokens;
using ModelRunner.Generation.Constraints;
using ModelRunner.Generation.Engine;
using ModelRunner.Generation.Parsing;
using ModelRunner.Generation.Prompting;
using ModelRunner.Generation.Tests.Prompting;
using ModelRunner.Testing;

namespace ModelRunner.Generation.Tests.Constraints;

/// <summary>What the grammar of calls lets come, the parser reads as such calls: both are made of the same format.</summary>
public sealed class CallGrammarTests
{
    private const int MaxTokens = 3000;

    private static readonly string[] Schemas =
    [
        """{"type":"object","properties":{"city":{"type":"string","maxLength":6},"days":{"type":"integer"},"unit":{"type":"string","enum":["C","°F"]}},"required":["city","unit"],"additionalProperties":false}""",
        """{"type":"object","properties":{"deep":{"type":"object","properties":{"tags":{"type":"array","items":{"enum":["a","b\"c"]},"maxItems":2},"on":{"type":"boolean"}},"required":["tags","on"],"additionalProperties":false},"kind":{"anyOf":[{"type":"null"},{"enum":["x",1.5]}]},"note":{"type":"string","pattern":"^[a-z\"<]{1,4}$"}},"additionalProperties":false}""",
        """{"type":"object","properties":{"p":{"$ref":"#/$defs/point"}},"required":["p"],"additionalProperties":false,"$defs":{"point":{"type":"object","properties":{"x":{"type":"integer","minimum":-9,"maximum":9}},"required":["x"],"additionalProperties":false}}}""",
        """{"type":"object","properties":{},"additionalProperties":false}""",
    ];

    private static readonly string[] Names = ["get_weather", "search", "move", "ping"];

    public static TheoryData<string, bool> Shapes
    {
        get
        {
            var data = new TheoryData<string, bool>();
            foreach (var format in OutputFormats.Calls)
            {
                data.Add(format.Name, true);
                data.Add(format.Name, false);
            }

            for (var i = 0; i < FormatDeriverTests.Derived.Count(); i++)
                data.Add($"derived {i}", true);

            data.Add("mistral-list", true);
            data.Add("mistral-named", true);
            data.Add("functionary-tagged", false);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Required_AtRandom_GivesCallsUnderTheirSchemas(string shape, bool hasMarkers)
    {
        var walk = new Walk(Format(shape), hasMarkers, new ToolChoice(ToolChoiceMode.Required, []));
        for (var seed = 0; seed < 6; seed++)
        {
            var text = walk.Run(new Random(seed));
            var calls = walk.Parse(text, out var content);

            Assert.NotEmpty(calls);
            Assert.Equal("", content.Trim());
            Assert.All(calls, call => AssertValid(call, text));
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void StrictInAuto_AtRandom_GivesContentAndCallsUnderTheirSchemas(string shape, bool hasMarkers)
    {
        var format = Format(shape);
        var walk = new Walk(format, hasMarkers, ToolChoice.Auto);
        var count = 0;
        for (var seed = 0; seed < 6; seed++)
        {
            var text = walk.Run(new Random(seed), seed % 3 == 0 ? "" : format.IsBare ? format.Open : $"Hm. {format.Open}");
            var calls = walk.Parse(text, out var content);
            count += calls.Count;

            // Every opening is that of a call.
            Assert.DoesNotContain(format.IsBare ? "{\"name\"" : format.Open, content, StringComparison.Ordinal);
            Assert.All(calls, call => AssertValid(call, text));
        }

        Assert.NotEqual(0, count);
    }

    [Theory]
    [InlineData("tags")]
    [InlineData("tagged")]
    [InlineData("kimi")]
    [InlineData("bare-python")]
    [InlineData("mistral-list")]
    public void Named_WithoutParallelCalls_GivesOneCallOfThatTool(string shape)
    {
        var walk = new Walk(Format(shape), hasMarkers: true, new ToolChoice(ToolChoiceMode.Required, ["move"]), isParallel: false);
        for (var seed = 0; seed < 8; seed++)
            Assert.Equal("move", Assert.Single(walk.Parse(walk.Run(new Random(seed)), out _)).Name);
    }

    [Fact]
    public void StrictTool_WithMoreThanItsPropertiesInATaggedShape_IsRefusedByName()
    {
        ChatTool tool = new("f", JsonText.From("""{"type":"object","properties":{},"minProperties":1}"""), true, default);
        var grammar = new CallGrammar(Format("tagged"), [tool], static _ => false);

        var refusal = Assert.Throws<InvalidRequestException>(() => grammar.Write([tool], isOnce: false));

        Assert.Equal("tools[0].function.parameters", refusal.Parameter);
        Assert.Contains("minProperties", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Tool_WithoutASchema_TakesAnyArguments()
    {
        ChatTool tool = new("f", default, false, default);
        var source = new CallGrammar(Format("tagged"), [tool], static _ => false).Write([tool], isOnce: true);
        source["required"] = true;
        var constraint = new GrammarConstraintCompiler(new ByteTokenizer()).Compile(
            new ConstraintSpecification(ConstraintKind.Parts, JsonText.From(source.ToJsonString())));
        foreach (var value in Encoding.UTF8.GetBytes("<tool_call>\n<function=f>\n<parameter=any>\n1\n</parameter>\n</function>\n</tool_call>"))
            Assert.True(constraint.Accept(value));

        Assert.True(constraint.CanEnd);
    }

    private static CallFormat Format(string shape) => shape switch
    {
        "mistral-list" => Named("mistral-id") with { IsList = true, IdKey = "id" },
        "mistral-named" => Named("mistral-id") with { NameEnd = "[ARGS]" },
        "functionary-tagged" => Named("function-tag") with { HasJsonArguments = false },
        _ when shape.StartsWith("derived ", StringComparison.Ordinal) => FormatDeriverTests.Derived.ElementAt(shape[^1] - '0'),
        _ => Named(shape),
    };

    private static CallFormat Named(string name) => OutputFormats.Calls.Single(format => format.Name == name);

    private static void AssertValid((string Name, string Arguments) call, string text)
    {
        var index = Array.IndexOf(Names, call.Name);
        Assert.True(index >= 0, text);
        Assert.True(JsonSchemaValidator.IsValid(Schemas[index], call.Arguments), $"{call.Arguments} in {text}");
    }

    /// <summary>Follows the masks of a request's grammar, with a liking for markers.</summary>
    private sealed class Walk
    {
        private readonly OutputFormat _format;
        private readonly ByteTokenizer _tokenizer;
        private readonly ChatRequest _request;
        private readonly IReadOnlyDictionary<int, ReadOnlyMemory<byte>> _visible;
        private readonly GrammarConstraintCompiler _compiler;
        private readonly ConstraintSpecification _specification;
        private readonly string[] _lures;

        public Walk(CallFormat calls, bool hasMarkers, ToolChoice choice, bool isParallel = true)
        {
            _format = new OutputFormat { Calls = calls, Reasoning = calls.Name == "functionary" ? null : new ReasoningFormat("<think>", "</think>") };
            _tokenizer = new ByteTokenizer(hasMarkers ? [.. _format.Markers.Where(marker => marker.Length > 2).Distinct().OrderByDescending(marker => marker.Length)] : []);
            _request = new ChatRequest
            {
                Messages = [],
                Tools = [.. Names.Select((name, i) => new ChatTool(name, JsonText.From(Schemas[i]), true, default))],
                ToolChoice = choice,
                ParallelToolCalls = isParallel,
            };
            var markers = new MarkerTokens(_tokenizer);
            _visible = markers.Find(_format);
            _compiler = new GrammarConstraintCompiler(_tokenizer);
            _specification = ChatConstraint.Find(_request, new ChatPrompt([], _format, OpensReasoning: false), markers.IsEnd)!;
            _lures = [.. _format.Markers, .. Names, "\"", "}", "]", ")"];
        }

        public string Run(Random random, string start = "")
        {
            var constraint = _compiler.Compile(_specification, _visible);
            var mask = new ulong[(_tokenizer.VocabularySize + 63) / 64];
            var text = new List<byte>(Encoding.UTF8.GetBytes(start));
            foreach (var value in text)
                Assert.True(constraint.Accept(value));

            for (var i = 0; i < MaxTokens; i++)
            {
                constraint.FillMask(mask);
                var allowed = Enumerable.Range(0, _tokenizer.VocabularySize).Where(token => (mask[token / 64] >> (token % 64) & 1) != 0).ToArray();
                Assert.True(allowed.Length > 0, $"dead end behind: {Encoding.UTF8.GetString([.. text])}");
                if (constraint.CanEnd && random.Next(text.Count > 200 ? 2 : 12) == 0)
                    return Encoding.UTF8.GetString([.. text]);

                var token = constraint.ForcedTokens is [var forced, ..] ? forced : Choose(random, allowed, text);
                Assert.Contains(token, allowed);
                if (token == ByteTokenizer.End)
                    return Encoding.UTF8.GetString([.. text]);

                Assert.True(constraint.Accept(token));
                text.AddRange((_visible.TryGetValue(token, out var bytes) ? bytes : _tokenizer.GetBytes(token)).Span);
            }

            Assert.Fail($"no end: {Encoding.UTF8.GetString([.. text])[..200]}");
            return "";
        }

        public List<(string Name, string Arguments)> Parse(string text, out string content)
        {
            var parser = new OutputParser(_format, _request.Tools, startsInReasoning: false, _request.ParallelToolCalls ? int.MaxValue : 1);
            var calls = new List<(string Name, string Arguments)>();
            content = "";
            foreach (var item in parser.Push(text).ToList().Concat(parser.Finish()))
            {
                if (item.Kind == ChatUpdateKind.ToolCallStart)
                    calls.Add((item.Call!.Name, ""));
                else if (item.Kind == ChatUpdateKind.ToolCallArguments)
                    calls[item.CallIndex] = (calls[item.CallIndex].Name, calls[item.CallIndex].Arguments + item.Text);
                else if (item.Kind == ChatUpdateKind.Content)
                    content += item.Text;
            }

            return calls;
        }

        private int Choose(Random random, int[] allowed, List<byte> text)
        {
            if (random.Next(4) > 0)
            {
                var tail = Encoding.Latin1.GetString([.. text.TakeLast(64)]);
                var lured = new List<(int Token, int Length)>();
                foreach (var lure in _lures.Select(lure => Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(lure))))
                    for (var length = Math.Min(lure.Length - 1, tail.Length); length >= 0; length--)
                        if (tail.EndsWith(lure[..length], StringComparison.Ordinal))
                        {
                            lured.Add((lure[length], length));
                            if (length > 0)
                                break;
                        }

                // What has been begun is spelled to its end.
                lured.AddRange(allowed.Where(token => token > ByteTokenizer.End).Select(token => (token, 0)));
                lured.RemoveAll(lure => !allowed.Contains(lure.Token));
                if (lured.Count > 0)
                {
                    var longest = lured.Max(lure => lure.Length);
                    var best = lured.Where(lure => lure.Length == longest).ToArray();
                    return best[random.Next(best.Length)].Token;
                }
            }

            return allowed[random.Next(allowed.Length)];
        }
    }
}
