using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using ModelRunner.Bench.Http;
using ModelRunner.Bench.Measuring;

namespace ModelRunner.Bench.Scenarios;

/// <summary>
/// Streams under a JSON schema beside the same streams without one: what masks cost, and what forced tokens gain. The
/// schemas ask for more items than can be written, so that no stream ends before its tokens are used up.
/// </summary>
internal static class ConstrainedScenario
{
    private const string FreeText = """
        {"type":"array","minItems":500,"items":{"type":"object","properties":{"text":{"type":"string"},
        "score":{"type":"number"},"tags":{"type":"array","items":{"type":"string"}}},"required":["text","score","tags"],"additionalProperties":false}}
        """;

    private const string Records = """
        {"type":"array","minItems":500,"items":{"type":"object","properties":{"kind":{"enum":["book","film","song"]},"year":{"type":"integer","minimum":1000,"maximum":2999},
        "title":{"type":"string","maxLength":20},"isAvailable":{"type":"boolean"}},"required":["kind","year","title","isAvailable"],"additionalProperties":false}}
        """;

    private const string LongKeys = """
        {"type":"array","minItems":500,"items":{"type":"object","properties":{"customer_identification_number":{"type":"integer","minimum":0,"maximum":99},
        "is_registered_for_the_newsletter":{"type":"boolean"},"preferred_language_of_communication":{"enum":["English","German","French"]},
        "number_of_orders_in_the_last_year":{"type":"integer","minimum":0,"maximum":99}},
        "required":["customer_identification_number","is_registered_for_the_newsletter","preferred_language_of_communication","number_of_orders_in_the_last_year"],
        "additionalProperties":false}}
        """;

    public static async Task RunAsync(Arguments arguments)
    {
        var clients = arguments.Number("clients", 8);
        var tokens = arguments.Number("tokens", 96);
        var pairs = arguments.Number("pairs", 7);
        var target = Target.Read(arguments, clients, 1024);
        await using var server = await ServerProcess.StartAsync(target.Path, target.ServerOptions);
        (string Name, string? Schema)[] sides = [("none", null), ("free text", FreeText), ("records", Records), ("long keys", LongKeys)];
        var results = await Pairs.MeasureAsync(
            pairs, [.. sides.Select(side => (Func<Task<double>>)(() => RunAsync(server, side.Schema, clients, tokens)))]);

        Console.WriteLine($"### {target.Model}, {clients} streams of {tokens} tokens, {target.Threads} threads\n");
        Console.WriteLine("| schema | without, tokens/s | with, tokens/s | with / without (95 %) |\n|---|---|---|---|");
        foreach (var (side, result) in sides.Skip(1).Zip(results))
            Console.WriteLine($"| {side.Name} | {result.Cells()} |");
    }

    private static async Task<double> RunAsync(ServerProcess server, string? schema, int clients, int tokens)
    {
        var start = Stopwatch.GetTimestamp();
        var counts = await Task.WhenAll(Enumerable.Range(0, clients).Select(client => CountAsync(server, schema, client, tokens)));
        return counts.Sum() / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>Tokens that one stream got.</summary>
    /// <exception cref="InvalidOperationException">It got others than it asked for.</exception>
    private static async Task<int> CountAsync(ServerProcess server, string? schema, int client, int tokens)
    {
        var body = new JsonObject
        {
            ["model"] = "bench", ["prompt"] = $"{client}:", ["max_tokens"] = tokens, ["temperature"] = 1, ["seed"] = client,
            ["stream"] = true, ["stream_options"] = new JsonObject { ["include_usage"] = true }, ["ignore_eos"] = schema is null,
        };
        if (schema is not null)
            body["guided_json"] = JsonNode.Parse(schema);

        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("engines/v1/completions", UriKind.Relative)) { Content = JsonContent.Create(body) };
        using var response = await server.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        if (!response.IsSuccessStatusCode)
            throw new InvalidOperationException(await response.Content.ReadAsStringAsync());

        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        var last = "";
        while (await reader.ReadLineAsync() is { } line)
            if (line.StartsWith("data: {", StringComparison.Ordinal))
                last = line[6..];

        using var usage = JsonDocument.Parse(last);
        var count = usage.RootElement.TryGetProperty("usage", out var counts) && counts.ValueKind == JsonValueKind.Object
            ? counts.GetProperty("completion_tokens").GetInt32()
            : throw new InvalidOperationException(last);
        return count == tokens ? count : throw new InvalidOperationException($"{count} of {tokens} tokens came.");
    }
}
