using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using ModelRunner.Cli.Http;
using ModelRunner.Cli.Terminal;

namespace ModelRunner.Cli.Commands;

/// <summary><c>bench</c>: how fast a model answers several clients.</summary>
internal static class BenchCommand
{
    public static Command Create()
    {
        var model = CommonOptions.Model();
        var concurrency = new Option<string>("--concurrency") { Description = "Clients at once, several runs by commas.", DefaultValueFactory = _ => "1,2,4,8" };
        var duration = new Option<int>("--duration") { Description = "Seconds of each run.", DefaultValueFactory = _ => 10 };
        var prompt = new Option<string>("--prompt") { Description = "What is asked.", DefaultValueFactory = _ => "Write a short story about a lighthouse." };
        var maxTokens = new Option<int>("--max-tokens") { Description = "Tokens of an answer at most.", DefaultValueFactory = _ => 128 };
        var json = CommonOptions.Json();
        var command = new Command("bench", "Measure a model's speed.\n\nExample: modelrunner bench ai/smollm2 --concurrency 1,4 --duration 20")
        {
            model, concurrency, duration, prompt, maxTokens, json,
        };
        command.SetAction(async (result, cancellation) =>
        {
            using var client = RunnerClient.Open();
            var rows = new List<string[]>();
            foreach (var text in result.GetRequiredValue(concurrency).Split(','))
            {
                if (!int.TryParse(text, CultureInfo.InvariantCulture, out var clients) || clients is < 1 or > 1024)
                    throw new CommandFailedException(ExitCodes.Usage, $"'{text}' is no number of clients.");
                var run = new BenchRun(client, result.GetRequiredValue(model), result.GetRequiredValue(prompt), result.GetValue(maxTokens));
                await run.RunAsync(clients, TimeSpan.FromSeconds(result.GetValue(duration)), cancellation);
                if (result.GetValue(json)) await result.Out().WriteLineAsync(run.ToJson(clients).ToJsonString());
                rows.Add(run.ToRow(clients));
            }

            if (!result.GetValue(json)) Table.Write(result.Out(), ["CLIENTS", "REQUESTS", "CHUNKS/S", "FIRST CHUNK P50", "P95"], rows);
            return ExitCodes.Success;
        });
        return command;
    }

    private sealed class BenchRun(RunnerClient client, string model, string prompt, int maxTokens)
    {
        private readonly List<double> _firsts = [];
        private readonly Lock _lock = new();
        private long _chunks;
        private int _requests;
        private double _seconds;

        public async Task RunAsync(int clients, TimeSpan duration, CancellationToken cancellationToken)
        {
            var started = TimeProvider.System.GetTimestamp();
            await Task.WhenAll(Enumerable.Range(0, clients).Select(async _ =>
            {
                while (TimeProvider.System.GetElapsedTime(started) < duration) await AskAsync(cancellationToken);
            }));
            _seconds = TimeProvider.System.GetElapsedTime(started).TotalSeconds;
        }

        public string[] ToRow(int clients) =>
        [
            clients.ToString(CultureInfo.InvariantCulture),
            _requests.ToString(CultureInfo.InvariantCulture),
            string.Create(CultureInfo.InvariantCulture, $"{_chunks / _seconds:0.0}"),
            string.Create(CultureInfo.InvariantCulture, $"{Quantile(0.5) * 1000:0} ms"),
            string.Create(CultureInfo.InvariantCulture, $"{Quantile(0.95) * 1000:0} ms"),
        ];

        public JsonObject ToJson(int clients) => new()
        {
            ["concurrency"] = clients,
            ["requests"] = _requests,
            ["duration_seconds"] = _seconds,
            ["chunks_per_second"] = _chunks / _seconds,
            ["requests_per_second"] = _requests / _seconds,
            ["ttft_p50_ms"] = Quantile(0.5) * 1000,
            ["ttft_p95_ms"] = Quantile(0.95) * 1000,
        };

        private async Task AskAsync(CancellationToken cancellationToken)
        {
            var started = TimeProvider.System.GetTimestamp();
            double? first = null;
            long chunks = 0;
            await foreach (var _ in ChatStream.RunAsync(
                client, model, new JsonArray(ChatStream.Message("user", prompt)), new JsonObject { ["max_tokens"] = maxTokens }, cancellationToken))
            {
                first ??= TimeProvider.System.GetElapsedTime(started).TotalSeconds;
                chunks++;
            }

            lock (_lock)
            {
                _requests++;
                _chunks += chunks;
                if (first is { } time) _firsts.Add(time);
            }
        }

        private double Quantile(double part) =>
            _firsts.Count == 0 ? 0 : _firsts.Order().ElementAt(Math.Min((int)(part * _firsts.Count), _firsts.Count - 1));
    }
}
