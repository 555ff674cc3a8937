using System.Text;
using ModelRunner.Testing;

namespace ModelRunner.Clients.Tests;

/// <summary>A server for one request at a time, and a stream that takes its place until it is told to make room.</summary>
internal sealed class FullServer : IAsyncDisposable
{
    public const string Model = "ai/tiny";

    // Not read to its end, so the server cannot finish it.
    private const string LongRequest =
        $$"""{"model":"{{Model}}","prompt":"a","max_tokens":1000000,"ignore_eos":true,"stream":true,"logprobs":5}""";

    private readonly ServerProcess _process;
    private readonly HttpResponseMessage _stream;

    private FullServer(ServerProcess process, HttpResponseMessage stream)
    {
        _process = process;
        _stream = stream;
    }

    public Uri Address => _process.Address;

    public static async Task<FullServer> StartAsync(string engine, CancellationToken cancellationToken)
    {
        var process = await ServerProcess.StartAsync(
            "--model", $"{Model}={(engine == "onnx" ? FixtureModels.GetGenAi(FixtureModels.LongContext) : FixtureModels.LongContext)}", "--threads", "1", "--max-requests", "1", "--context-size", "65536", "--parallel", "1");
        using var request = new HttpRequestMessage(HttpMethod.Post, "v1/completions")
        {
            Content = new StringContent(LongRequest, Encoding.UTF8, "application/json"),
        };
        var stream = await process.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        Assert.True(stream.IsSuccessStatusCode);
        return new FullServer(process, stream);
    }

    /// <summary>Closes the stream, which frees the place by the next step.</summary>
    public void MakeRoom() => _stream.Dispose();

    public async ValueTask DisposeAsync()
    {
        MakeRoom();
        await _process.DisposeAsync();
    }
}
