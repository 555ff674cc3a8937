using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using ModelRunner.Bench.Http;
using ModelRunner.Bench.Measuring;

namespace ModelRunner.Bench.Scenarios;

/// <summary>
/// How soon the place of a client that goes away is free: from its close or reset to the first look at
/// <c>/engines/ps</c> that shows one user less, which the server shows once the sequence has ended.
/// </summary>
internal static class DisconnectScenario
{
    private const int Sequences = 4;

    public static async Task RunAsync(Arguments arguments)
    {
        var count = arguments.Number("rounds", 2000);
        var target = Target.Read(arguments, Sequences, 4096);
        var vocabularySize = target.ReadVocabularySize();
        await using var server = await ServerProcess.StartAsync(target.Path, target.ServerOptions);
        await TokenReader.ReadAsync(server, Workload.Prompt(0, 64, vocabularySize), 8);
        var times = new Dictionary<string, List<double>> { ["prefill"] = [], ["decode"] = [], ["queue"] = [] };
        var random = new Random(1);
        for (var round = 0; round < count; round++)
        {
            var phase = times.Keys.ElementAt(round % times.Count);
            var prompt = Workload.Prompt(1000 + round, phase == "prefill" ? 3000 : 32, vocabularySize);
            var isReset = random.Next(2) == 0;
            times[phase].Add(await LeaveAsync(server, phase, prompt, random, isReset));
        }

        Console.WriteLine($"### {target.Model}, {count} clients that go away, {target.Layout}\n");
        Console.WriteLine("| in | clients | median, ms | p99, ms | longest, ms |\n|---|---|---|---|---|");
        foreach (var (phase, values) in times.Append(new("all", [.. times.Values.SelectMany(values => values)])))
        {
            var samples = new Samples(values);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {phase} | {values.Count} | {samples.Median:0.0} | {samples.Quantile(0.99):0.0} | {samples.Quantile(1):0.0} |"));
        }
    }

    private static async Task<double> LeaveAsync(ServerProcess server, string phase, int[] prompt, Random random, bool isReset)
    {
        var holders = new List<Socket>();
        while (phase == "queue" && holders.Count < Sequences)
        {
            holders.Add(await OpenAsync(server, [prompt[holders.Count]], 4000));
            await ReadAsync(holders[^1], 500);
        }

        var leaving = await OpenAsync(server, prompt, 4000);
        if (phase == "decode")
            await ReadAsync(leaving, random.Next(500, 20_000));
        else
            await UntilUsersAsync(server, users => users == holders.Count + 1);

        // Anywhere in the prefill: after a part of what it takes at most.
        if (phase == "prefill")
            await Task.Delay(random.Next(0, 200));

        var start = Stopwatch.GetTimestamp();
        if (isReset)
            leaving.LingerState = new LingerOption(true, 0);
        else
            leaving.Shutdown(SocketShutdown.Both);

        leaving.Close();
        await UntilUsersAsync(server, users => users == holders.Count);
        var milliseconds = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        holders.ForEach(holder => holder.Close());
        await UntilUsersAsync(server, users => users == 0);
        return milliseconds;
    }

    private static async Task<Socket> OpenAsync(ServerProcess server, int[] prompt, int tokens)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, server.Client.BaseAddress!.Port);
        var body = JsonSerializer.SerializeToUtf8Bytes(new { model = "bench", prompt, max_tokens = tokens, ignore_eos = true, stream = true });
        await socket.SendAsync((byte[])[.. System.Text.Encoding.ASCII.GetBytes(
            $"POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: {body.Length}\r\n\r\n"), .. body]);
        return socket;
    }

    private static async Task ReadAsync(Socket socket, int byteCount)
    {
        var buffer = new byte[16 * 1024];
        while (byteCount > 0 && await socket.ReceiveAsync(buffer) is var count and > 0)
            byteCount -= count;
    }

    private static async Task UntilUsersAsync(ServerProcess server, Func<int, bool> isExpected)
    {
        var limit = Stopwatch.GetTimestamp() + (60 * Stopwatch.Frequency);
        while (Stopwatch.GetTimestamp() < limit)
        {
            var text = await server.Client.GetStringAsync(new Uri("engines/ps", UriKind.Relative));
            if (isExpected(JsonSerializer.Deserialize<JsonElement>(text)[0].GetProperty("users").GetInt32()))
                return;
        }

        throw new InvalidOperationException("The number of users does not become what it should be.");
    }
}
