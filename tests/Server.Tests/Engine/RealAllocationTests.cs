using System.Globalization;
using ModelRunner.Abstractions.Engines;
using ModelRunner.ModelStore;
using ModelRunner.Server.Tests.Streaming;
using ModelRunner.Testing;

namespace ModelRunner.Server.Tests.Engine;

/// <summary>What a token costs in managed memory with nothing scripted: native engine, scheduler, sampler, text, HTTP.</summary>
[Collection(Alone.Name)]
public sealed class RealAllocationTests
{
    private const int MaxBytesPerToken = 64;

    [Theory]
    [InlineData("llama.cpp", 1, "\"temperature\":0")]
    [InlineData("llama.cpp", 1, "\"temperature\":0.8,\"top_p\":0.9,\"seed\":1")]
    [InlineData("llama.cpp", 8, "\"temperature\":0")]
    [InlineData("llama.cpp", 8, "\"temperature\":0.8,\"top_p\":0.9,\"seed\":1")]
    [InlineData("onnx", 1, "\"temperature\":0")]
    [InlineData("onnx", 8, "\"temperature\":0.8,\"top_p\":0.9,\"seed\":1")]
    public async Task Stream_OfARealModel_AllocatesAtMost64BytesAToken(string engine, int clients, string sampling)
    {
        await using var server = await RealServer.StartAsync(
            new ModelLoadOptions { MaxSequences = clients, ContextLength = 4096 },
            new ModelEntry("ai/tiny", engine == "onnx" ? FixtureModels.TinyOnnx : FixtureModels.Tiny));

        // The difference of a long and a short answer is free of what a request costs once.
        await MeasureAsync(server, clients, sampling, 400);
        var shortest = await MeasureAsync(server, clients, sampling, 200);
        var longest = await MeasureAsync(server, clients, sampling, 1700);

        var perToken = (longest - shortest) / (1500.0 * clients);
        TestContext.Current.SendDiagnosticMessage(string.Create(CultureInfo.InvariantCulture, $"{perToken:F1} bytes a token"));
        Assert.True(perToken <= MaxBytesPerToken, string.Create(CultureInfo.InvariantCulture, $"{perToken:F1} bytes a token"));
    }

    private static Task<long> MeasureAsync(RealServer server, int clients, string sampling, int tokens) =>
        SocketClient.MeasureAllocationAsync(
            server.Client.BaseAddress!,
            $$"""{"model":"ai/tiny","stream":true,"max_tokens":{{tokens}},"ignore_eos":true,{{sampling}},"messages":[{"role":"user","content":"x"}]}""",
            clients,
            leastLength: tokens * 20L);
}
