using System.Net;
using ModelRunner.Abstractions.Engines;
using ModelRunner.ModelStore;
using ModelRunner.Testing;

namespace ModelRunner.Server.Tests.Engine;

public sealed class BrokenFileTests(ITestOutputHelper output)
{
    /// <summary>Every file is an answer of its own, and the server outlives all of them.</summary>
    [Fact]
    public async Task Chat_BrokenFiles_AreErrorsAndTheServerLives()
    {
        var folder = Directory.CreateTempSubdirectory("modelrunner-broken").FullName;
        try
        {
            var files = HostileGgufs.All.Select(file => (file.Name, file.Content))
                .Concat(GgufMutations.Generate(firstSeed: 1, Campaign.Count(30, 400)).Select((file, i) => ($"mutated-{i}", file.Content)))
                .ToArray();
            var models = files.Select((file, i) => Write(folder, i, file.Item2)).ToArray();
            await using var server = await RealServer.StartAsync(
                new ModelLoadOptions { MaxSequences = 1, ContextLength = 64 },
                [new ModelEntry("ai/good", FixtureModels.Tiny), .. models]);
            var refused = 0;
            for (var i = 0; i < models.Length; i++)
            {
                var (status, body) = await server.PostAsync(
                    "/v1/chat/completions",
                    new { model = models[i].Name, max_tokens = 1, messages = new[] { new { role = "user", content = "Hello" } } });
                if (status == HttpStatusCode.OK)
                    continue;

                refused++;
                Assert.False(string.IsNullOrEmpty(body.GetProperty("error").GetProperty("message").GetString()), files[i].Item1);
            }

            // The trial runs leave a verdict each; the good model's load is still to come.
            var tried = server.ProbeVerdicts;
            output.WriteLine($"{files.Length} files, {refused} refused; {tried.Count} reached the child, "
                + $"{tried.Count(verdict => verdict != "ok")} of them refused there, "
                + $"{tried.Count(verdict => verdict.Contains("crashed", StringComparison.Ordinal))} by a crash");
            Assert.True(refused >= HostileGgufs.All.Count());
            Assert.True(tried.Count >= Campaign.Count(5, 100), $"only {tried.Count} files reached the child");
            var good = await server.CompleteAsync("/v1", "ai/good", "hello", 2, stream: false);
            Assert.NotNull(good);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static ModelEntry Write(string folder, int index, byte[] content)
    {
        var path = Path.Combine(folder, $"{index}.gguf");
        File.WriteAllBytes(path, content);
        return new ModelEntry($"broken/{index}", path);
    }
}
