using System.IO.Compression;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using ModelRunner.Testing;

namespace ModelRunner.Clients.Tests;

/// <summary>Schemas that people wrote, obeyed by the bundled model at temperature 1 through the server, on both engines.</summary>
public sealed class SchemaSampleTests
{
    private const int SampleSize = 100;
    private const int TokenLimit = 900;

    // With nothing to take from the prompt, and no penalty, a model of two million parameters says the same for ever in
    // every sixth answer: no grammar ends a text for it.
    private const string Question = "Return JSON with name, age and city. Anna is 31 years old and lives in Oslo.";

    // A few schemas of the whole are refused by name; and a model of two million parameters writes some texts without an end.
    private const double MostUnfinished = 0.2;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("llama.cpp")]
    [InlineData("onnx")]
    public async Task Answers_ThatEnd_AreValid_AndMostEnd(string engine)
    {
        var schemas = ReadSample(SharedData.Require("data/json-schemas/maskbench-sample.jsonl.gz"), Campaign.Count(15, SampleSize));
        await using var server = await ServerProcess.StartAsync([("MODEL_RUNNER_NO_BUNDLED", "0")], ["--threads", "1"]);
        var answers = await Task.WhenAll(schemas.Select((schema, seed) => AskAsync(server, engine, schema, seed)));

        var invalid = schemas.Zip(answers)
            .Where(pair => pair.Second.Reason == "stop" && !JsonSchemaValidator.IsValid(pair.First, pair.Second.Text))
            .Select(pair => $"{pair.First}\n{pair.Second.Text}");
        var unfinished = answers.Where(answer => answer.Reason != "stop").Select(answer => answer.Reason).ToList();
        TestContext.Current.SendDiagnosticMessage($"{engine}: {answers.Length - unfinished.Count} of {answers.Length} ended");
        Assert.Empty(invalid);
        Assert.True(unfinished.Count <= MostUnfinished * answers.Length, $"{unfinished.Count} of {answers.Length}: {string.Join("; ", unfinished)}");
    }

    private static async Task<(string Text, string Reason)> AskAsync(ServerProcess server, string engine, string schema, int seed)
    {
        var body = new JsonObject
        {
            ["model"] = "ai/pocket", ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = Question }),
            ["temperature"] = 1, ["frequency_penalty"] = 0.4, ["seed"] = seed, ["max_tokens"] = TokenLimit,
            ["response_format"] = new JsonObject { ["type"] = "json_schema", ["json_schema"] = new JsonObject { ["name"] = "sample", ["strict"] = true, ["schema"] = JsonNode.Parse(schema) } },
        };
        using var response = await server.Client.PostAsJsonAsync(new Uri($"engines/{engine}/v1/chat/completions", UriKind.Relative), body, Token);
        var answer = await response.Content.ReadFromJsonAsync<JsonElement>(Token);
        if (!response.IsSuccessStatusCode)
            return ("", answer.GetProperty("error").GetProperty("message").GetString()!);

        var choice = answer.GetProperty("choices")[0];
        return (choice.GetProperty("message").GetProperty("content").GetString()!, choice.GetProperty("finish_reason").GetString()!);
    }

    /// <summary>Schemas at equal distances over the whole file.</summary>
    private static List<string> ReadSample(string path, int count)
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
        var lines = new List<string>();
        while (reader.ReadLine() is { } line)
            if (line.Length > 0)
                lines.Add(line);

        return [.. Enumerable.Range(0, count).Select(i => JsonNode.Parse(lines[i * lines.Count / count])!["schema"]!.ToJsonString())];
    }
}
