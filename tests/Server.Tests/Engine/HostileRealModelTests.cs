using System.Net;
using System.Net.Http.Headers;
using System.Text;
using ModelRunner.Abstractions.Engines;
using ModelRunner.ModelStore;
using ModelRunner.Server.Tests.Requests;
using ModelRunner.Testing;

namespace ModelRunner.Server.Tests.Engine;

public sealed class HostileRealModelTests(ITestOutputHelper output)
{
    // An accepted body computes little, whatever it asked for.
    private const string Cap = ",\"max_tokens\":4,\"max_completion_tokens\":4,\"n_predict\":4,\"min_tokens\":0,\"keep_alive\":-1";

    /// <summary>The same bodies as against scripted models, down to the sampler and the native library of each engine.</summary>
    [Theory]
    [InlineData("llama.cpp")]
    [InlineData("onnx")]
    public async Task RealModel_UnderHostileRequests_AnswersEachAndHoldsNothing(string engine)
    {
        await using var server = await RealServer.StartAsync(
            new ModelLoadOptions { MaxSequences = 4, ContextLength = 512 },
            new ModelEntry("tiny", engine == "onnx" ? FixtureModels.TinyOnnx : FixtureModels.Tiny));
        var expected = await server.CompleteAsync("/v1", "tiny", "hello", 8, stream: true);
        var counts = new Dictionary<HttpStatusCode, int>();
        var constrained = 0;
        for (var seed = 0; seed < Campaign.Count(300, 100_000); seed++)
        {
            var (path, body) = new HostileBodies(seed, Cap, engine).Next();
            using var content = new ByteArrayContent(body);
            content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            using var response = await server.Client.PostAsync(new Uri(path, UriKind.Relative), content, TestContext.Current.CancellationToken);
            var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            counts[response.StatusCode] = counts.GetValueOrDefault(response.StatusCode) + 1;
            if (response.StatusCode == HttpStatusCode.OK && HostileBodies.HasConstraint(body)) constrained++;
            Assert.True((int)response.StatusCode < 500, $"seed {seed}: {Encoding.UTF8.GetString(body)}\n{(int)response.StatusCode}: {text}");
            Assert.False(text.Contains("\"server_error\"", StringComparison.Ordinal), $"seed {seed}: {Encoding.UTF8.GetString(body)}\n{text}");
        }

        output.WriteLine($"{string.Join(", ", counts.Select(entry => $"{(int)entry.Key}: {entry.Value}"))}; answered with tools or a schema: {constrained}");
        if (SchemaValues.AreKnown) Assert.True(constrained > counts.Values.Sum() / 200);
        await server.AssertHoldsNothingAsync("tiny");
        Assert.Equal(expected, await server.CompleteAsync("/v1", "tiny", "hello", 8, stream: true));
    }
}
