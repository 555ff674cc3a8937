using System.Diagnostics;
using System.Net.Http.Json;
using System.Text;

namespace ModelRunner.Bench.Http;

/// <summary>A client that streams completions and notes when each token comes. It parses no JSON, to cost little.</summary>
internal static class TokenReader
{
    /// <summary>Timestamps of the tokens.</summary>
    /// <exception cref="InvalidOperationException">The server answered with an error, or with fewer tokens than asked for.</exception>
    public static async Task<IReadOnlyList<long>> ReadAsync(
        ServerProcess server,
        int[] prompt,
        int tokens,
        Action<int>? onToken = null,
        CancellationToken cancellationToken = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("engines/v1/completions", UriKind.Relative))
        {
            Content = JsonContent.Create(new
            {
                model = "bench",
                prompt,
                max_tokens = tokens,
                temperature = 0,
                ignore_eos = true,
                stream = true,
            }),
        };
        using var response = await server.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (!response.IsSuccessStatusCode)
            throw new InvalidOperationException(await response.Content.ReadAsStringAsync(cancellationToken));

        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        return await ReadEventsAsync(body, tokens, onToken, cancellationToken);
    }

    private static async Task<IReadOnlyList<long>> ReadEventsAsync(
        Stream body,
        int tokens,
        Action<int>? onToken,
        CancellationToken cancellationToken)
    {
        var arrivals = new List<long>(tokens);
        var buffer = new byte[1 << 16];
        var length = 0;
        var isDone = false;
        while (await body.ReadAsync(buffer.AsMemory(length), cancellationToken) is var count and > 0)
        {
            var now = Stopwatch.GetTimestamp();
            length += count;
            var used = 0;
            while (buffer.AsSpan(used, length - used).IndexOf("\n\n"u8) is var end and >= 0)
            {
                var line = buffer.AsSpan(used, end);
                used += end + 2;
                isDone |= line.EndsWith("[DONE]"u8);
                if (line.IndexOf("\"error\""u8) >= 0)
                    throw new InvalidOperationException(Encoding.UTF8.GetString(line));

                if (line.IndexOf("\"finish_reason\":null"u8) < 0)
                    continue;

                arrivals.Add(now);
                onToken?.Invoke(arrivals.Count);
            }

            buffer.AsSpan(used, length - used).CopyTo(buffer);
            length -= used;
        }

        // A token that is no whole character comes with the next one.
        if (!isDone || arrivals.Count < (tokens * 0.99) - 1)
            throw new InvalidOperationException($"{arrivals.Count} of {tokens} tokens came{(isDone ? "" : ", and no end")}.");

        return arrivals;
    }
}
