using System.Text;
using ModelRunner.Testing;

namespace ModelRunner.Server.Tests.Streaming;

public sealed class KeepAliveTests
{
    private const string Body = """{"model":"tiny","stream":true,"messages":[{"role":"user","content":"Hi"}]}""";

    [Fact]
    public async Task Stream_DuringThePrefill_HasItsHeadersAndComments()
    {
        var clock = new ManualClock();
        await using var server = await TestServer.StartAsync(time: clock);
        var prefill = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        server.Script.Prefill = prefill.Task;
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = new StringContent(Body) };

        // The headers are here while no token is.
        using var response = await server.Client.SendAsync(
            request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        await using var stream = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);

        // The tick after the headers finds that something was sent, the next ones do not.
        clock.Advance(TimeSpan.FromSeconds(15));
        Assert.Equal(": keep-alive\n\n: keep-alive\n\n", await ReadAsync(stream, 28));
        prefill.SetResult();
        using var rest = new StreamReader(stream);
        var text = await rest.ReadToEndAsync(TestContext.Current.CancellationToken);

        Assert.StartsWith("data: {\"id\":\"chatcmpl-", text, StringComparison.Ordinal);
        Assert.EndsWith("data: [DONE]\n\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stream_FailingInThePrefill_EndsWithAnErrorEvent()
    {
        await using var server = await TestServer.StartAsync();
        var prefill = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        server.Script.Prefill = prefill.Task;
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = new StringContent(Body) };
        using var response = await server.Client.SendAsync(
            request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);

        prefill.SetException(new Abstractions.Errors.GenerationException(Abstractions.Errors.GenerationException.DecodeFailed, "A step failed."));

        Assert.Equal(
            "data: {\"error\":{\"message\":\"A step failed.\",\"type\":\"server_error\",\"param\":null,\"code\":\"decode_failed\"}}\n\n",
            await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    private static async Task<string> ReadAsync(Stream stream, int count)
    {
        var buffer = new byte[count];
        await stream.ReadExactlyAsync(buffer, TestContext.Current.CancellationToken);
        return Encoding.ASCII.GetString(buffer);
    }
}
