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

    /// <summary>The same bodies as against scripted models, down to the sampler and the native library.</summary>
    [Fact]
    public async Task RealModel_UnderHostileRequests_AnswersEachAndLives()
    {
        await using var server = await RealServer.StartAsync(
            new ModelLoadOptions { MaxSequences = 4, ContextLength = 256 }, new ModelEntry("tiny", FixtureModels.Tiny));
        var counts = new Dictionary<HttpStatusCode, int>();
        for (var seed = 0; seed < Campaign.Count(300, 100_000); seed++)
        {
            var (path, body) = new HostileBodies(seed, Cap).Next();
            using var content = new ByteArrayContent(body);
            content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            using var response = await server.Client.PostAsync(new Uri(path, UriKind.Relative), content, TestContext.Current.CancellationToken);
            var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            counts[response.StatusCode] = counts.GetValueOrDefault(response.StatusCode) + 1;
            Assert.True((int)response.StatusCode < 500, $"seed {seed}: {Encoding.UTF8.GetString(body)}\n{(int)response.StatusCode}: {text}");
            Assert.False(text.Contains("\"server_error\"", StringComparison.Ordinal), $"seed {seed}: {Encoding.UTF8.GetString(body)}\n{text}");
        }

        output.WriteLine(string.Join(", ", counts.Select(entry => $"{(int)entry.Key}: {entry.Value}")));
        Assert.NotEmpty(await server.CompleteAsync("/v1", "tiny", "hello", 2, stream: true));
    }
}
