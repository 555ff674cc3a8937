using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ModelRunner.Abstractions.Requests;
using ModelRunner.ChatTemplates;
using ModelRunner.ChatTemplates.Values;

namespace ModelRunner.Bench.Scenarios;

/// <summary>Rendering a long conversation with tools, beside the npm package <c>@huggingface/jinja</c>; and a hostile template.</summary>
internal static class TemplateScenario
{
    private const int MaxTemplates = 3;

    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static void Run(Arguments arguments)
    {
        var folder = Path.Combine(Repository.Root, "bench", "templates");
        if (!Directory.Exists(Path.Combine(folder, "node_modules")))
            Execute("npm", "ci --no-audit --no-fund", folder, "");

        var data = arguments.Text("data", Path.Combine(Repository.Root, "..", "shared", "data", "chat-templates"));
        var wanted = arguments.Text("templates", "");
        var names = wanted.Length > 0 ? wanted.Split(',') : Largest(data);
        var left = wanted.Length > 0 ? names.Length : MaxTemplates;
        var context = Conversation();
        var rounds = arguments.Number("rounds", 400);
        foreach (var name in names)
        {
            using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(data, $"{name}.json")));
            var source = document.RootElement.GetProperty("template").GetString()!;
            if (left == 0)
                break;

            var input = new JsonObject { ["template"] = source, ["context"] = context.DeepClone(), ["rounds"] = rounds };
            var peer = JsonNode.Parse(Execute("node", "render.mjs", folder, input.ToJsonString()))!;
            if (peer["error"] is { } error || Render(ChatTemplate.Compile(source), context) is not { } text || text != peer["text"]!.GetValue<string>())
            {
                Console.WriteLine($"{name} ({source.Length} characters): not compared, {peer["error"] ?? "the two render it differently"}");
                continue;
            }

            left--;
            var (elapsed, bytes, length) = Measure(ChatTemplate.Compile(source), context, rounds);
            var other = peer["elapsed"]!.GetValue<double>();
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{name} ({source.Length} characters): {elapsed:F0} us, {bytes / 1024.0:F0} KiB allocated, {length} characters of output; @huggingface/jinja {other:F0} us: {other / elapsed:F1} times as fast"));
        }

        MeasureHostile();
    }

    // The largest first: those that the peer renders to the same text are measured.
    private static string[] Largest(string data) =>
        [.. Directory.GetFiles(data, "*.json").OrderByDescending(SizeOf).Select(path => Path.GetFileNameWithoutExtension(path))];

    private static int SizeOf(string path)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(path));
        return document.RootElement.GetProperty("template").GetString()!.Length;
    }

    private static string? Render(ChatTemplate template, JsonObject context)
    {
        try
        {
            return template.Render(context.ToDictionary(field => field.Key, field => Value.FromJson(JsonText.From(field.Value!.ToJsonString()))), Now).Text;
        }
        catch (TemplateException)
        {
            return null;
        }
    }

    // Values are made anew in each round, as for each request: a template may change them.
    private static (double Microseconds, long Bytes, int Length) Measure(ChatTemplate template, JsonObject context, int rounds)
    {
        var fields = context.ToDictionary(field => field.Key, field => JsonText.From(field.Value!.ToJsonString()));
        var length = 0;
        for (var i = 0; i < rounds; i++)
            length = Render();

        var best = double.MaxValue;
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        for (var run = 0; run < 5; run++)
        {
            var start = Stopwatch.GetTimestamp();
            for (var i = 0; i < rounds; i++)
                length = Render();

            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalMicroseconds / rounds);
        }

        return (best, (GC.GetAllocatedBytesForCurrentThread() - allocated) / (5 * rounds), length);

        int Render() => template.Render(fields.ToDictionary(field => field.Key, field => Value.FromJson(field.Value)), Now).Text.Length;
    }

    private static void MeasureHostile()
    {
        foreach (var source in new[]
        {
            "{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}",
            "{% set ns = namespace(s='a') %}{% for i in range(100) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}",
            "{% macro f() %}{{ f() }}{{ f() }}{% endmacro %}{{ f() }}",
            "{% for i in range(10000) %}{{ 'x' * 10000 }}{% endfor %}",
        })
        {
            var template = ChatTemplate.Compile(source);
            var start = Stopwatch.GetTimestamp();
            try
            {
                template.Render(new Dictionary<string, Value>(), Now);
            }
            catch (TemplateException exception)
            {
                Console.WriteLine($"hostile: {Stopwatch.GetElapsedTime(start).TotalMilliseconds:F1} ms, {exception.Reason}");
            }
        }
    }

    // 40 messages, every fourth an answer with a call and its result, and 5 tools.
    private static JsonObject Conversation()
    {
        var messages = new JsonArray();
        for (var i = 0; i < 10; i++)
        {
            messages.Add(new JsonObject { ["role"] = "user", ["content"] = $"Question {i}: {string.Concat(Enumerable.Repeat("what is the weather like in the old town? ", 4))}" });
            messages.Add(new JsonObject
            {
                ["role"] = "assistant",
                ["content"] = "",
                ["tool_calls"] = new JsonArray(new JsonObject
                {
                    ["id"] = $"call0000{i}",
                    ["type"] = "function",
                    ["function"] = new JsonObject { ["name"] = "tool1", ["arguments"] = new JsonObject { ["city"] = "Zürich", ["days"] = i } },
                }),
            });
            messages.Add(new JsonObject { ["role"] = "tool", ["tool_call_id"] = $"call0000{i}", ["name"] = "tool1", ["content"] = "{\"temperature\": 21, \"sky\": \"clear\"}" });
            messages.Add(new JsonObject { ["role"] = "assistant", ["content"] = $"Answer {i}: {string.Concat(Enumerable.Repeat("it is sunny and warm. ", 8))}" });
        }

        messages.RemoveAt(messages.Count - 1);
        messages.Insert(0, new JsonObject { ["role"] = "system", ["content"] = "You are a helpful assistant." });
        var tools = new JsonArray();
        for (var i = 1; i <= 5; i++)
        {
            tools.Add(JsonNode.Parse($$$"""
                {"type":"function","function":{"name":"tool{{{i}}}","description":"Tool number {{{i}}} \"quoted\"","parameters":{"type":"object","properties":{"city":{"type":"string","description":"Name of the city"},"days":{"type":"integer","description":"How many days","minimum":1},"unit":{"type":"string","enum":["celsius","fahrenheit"]}},"required":["city"]} } }
                """));
        }

        return new JsonObject { ["messages"] = messages, ["tools"] = tools, ["add_generation_prompt"] = true, ["bos_token"] = "<s>", ["eos_token"] = "</s>" };
    }

    private static string Execute(string program, string arguments, string folder, string input)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            StandardInputEncoding = new UTF8Encoding(false),
        })!;
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{program} {arguments} failed.");
    }
}
