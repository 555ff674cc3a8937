using System.Net;
using System.Text.RegularExpressions;
using ModelRunner.Abstractions.Engines;
using ModelRunner.ModelStore;
using ModelRunner.Testing;

namespace ModelRunner.Server.Tests.Engine;

/// <summary>Structured output from a model of 260,000 parameters at temperature 1: the grammar does it all.</summary>
public sealed class StructuredOutputTests
{
    private const string Model = "ai/stories";

    [Fact]
    public async Task Completions_UnderEachKindOfGrammar_FollowIt()
    {
        await using var server = await StartAsync();

        Assert.Contains(await CompleteAsync(server, new { model = Model, prompt = "a", guided_choice = new[] { "yes", "no" } }), new[] { "yes", "no" });
        Assert.Matches(
            new Regex("^[0-9]{3}-[a-f]{2}$"),
            await CompleteAsync(server, new { model = Model, prompt = "a", structured_outputs = new { regex = "[0-9]{3}-[a-f]{2}" } }));
        Assert.Matches(
            new Regex("^(ab){1,2}!$"),
            await CompleteAsync(server, new { model = Model, prompt = "a", grammar = "root ::= \"ab\"{1,2} \"!\"" }));
        Assert.Matches(
            new Regex("^x( *,x){0,2}$"),
            await CompleteAsync(server, new { model = Model, prompt = "a", guided_grammar = "start: \"x\" (\",\" \"x\")~0..2" }));
        Assert.Equal(
            """{"first":1,"second":true}""",
            await CompleteAsync(server, new
            {
                model = Model,
                prompt = "a",
                max_tokens = 60,
                guided_regex = """\{"first":1,"second":true\}""",
                ignore_eos = true,
            }));
    }

    [Fact]
    public async Task ChatCompletions_TruncatedUnderAGrammar_SayLength()
    {
        await using var server = await StartAsync();
        var (status, answer) = await server.PostAsync("/v1/chat/completions", new
        {
            model = Model,
            messages = new[] { new { role = "user", content = "Hi" } },
            max_tokens = 4,
            guided_regex = "[a-z]{40}",
        });

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("length", answer.GetProperty("choices")[0].GetProperty("finish_reason").GetString());
    }

    [Fact]
    public async Task Completions_UnderGrammarsThatCannotBeHonoured_NameTheirField()
    {
        await using var server = await StartAsync();
        (string Field, object Value, string Param)[] cases =
        [
            ("grammar", "root ::= 1", "grammar"),
            ("guided_json", new { type = 1 }, "guided_json"),
            ("guided_regex", "(a", "guided_regex"),
            ("structured_outputs", new { regex = "\\b" }, "structured_outputs.regex"),
            ("guided_grammar", "start: nothing", "guided_grammar"),
            ("json_schema", new { not = new { } }, "json_schema"),
            ("response_format", new { type = "json_schema", json_schema = new { schema = new { type = "thing" } } }, "response_format"),
        ];
        foreach (var (field, value, param) in cases)
        {
            var body = new Dictionary<string, object> { ["model"] = Model, ["prompt"] = "a", [field] = value };
            var (status, answer) = await server.PostAsync("/v1/completions", body);
            Assert.True(status == HttpStatusCode.BadRequest, $"{field}: {status}");
            Assert.Equal(param, answer.GetProperty("error").GetProperty("param").GetString());
        }
    }

    private static Task<RealServer> StartAsync() =>
        RealServer.StartAsync(ModelLoadOptions.Default, new ModelEntry(Model, SharedData.Stories260K));

    private static async Task<string> CompleteAsync(RealServer server, object body)
    {
        var (status, answer) = await server.PostAsync("/v1/completions", body);
        Assert.True(status == HttpStatusCode.OK, answer.GetRawText());
        var choice = answer.GetProperty("choices")[0];
        Assert.Equal("stop", choice.GetProperty("finish_reason").GetString());
        return choice.GetProperty("text").GetString()!;
    }
}
