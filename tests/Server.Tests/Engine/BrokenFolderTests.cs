using System.Net;
using ModelRunner.Abstractions.Engines;
using ModelRunner.ModelStore;
using ModelRunner.Testing;

namespace ModelRunner.Server.Tests.Engine;

public sealed class BrokenFolderTests(ITestOutputHelper output)
{
    /// <summary>Every folder is an answer of its own, and the server outlives all of them.</summary>
    [Fact]
    public async Task Completions_BrokenFolders_AreErrorsAndTheServerLives()
    {
        var root = Directory.CreateTempSubdirectory("modelrunner-broken").FullName;
        try
        {
            BrokenFolder[] broken =
            [
                .. BrokenFolders.Named.Where((_, i) => Campaign.IsFull || i % 5 == 0),
                .. BrokenFolders.Random(firstSeed: 1, Campaign.Count(4, 200)),
            ];
            var models = broken.Select((_, i) => new ModelEntry($"broken/{i}", Path.Combine(root, $"{i}"))).ToArray();
            for (var i = 0; i < broken.Length; i++)
                BrokenFolders.Write(broken[i], FixtureModels.TinyOnnx, models[i].Path);

            await using var server = await RealServer.StartAsync(
                new ModelLoadOptions { MaxSequences = 1, ContextLength = 64 },
                [new ModelEntry("ai/good", FixtureModels.TinyOnnx), .. models]);
            var refused = 0;
            for (var i = 0; i < models.Length; i++)
            {
                var (status, body) = await server.PostAsync(
                    "/engines/onnx/v1/completions", new { model = models[i].Name, max_tokens = 1, prompt = "Hello" });
                Assert.False(broken[i].MustFail && status == HttpStatusCode.OK, broken[i].Name);
                if (status == HttpStatusCode.OK)
                    continue;

                refused++;
                var message = body.GetProperty("error").GetProperty("message").GetString();
                Assert.False(string.IsNullOrEmpty(message), broken[i].Name);
                output.WriteLine($"{broken[i].Name}: {(int)status} {message}");
            }

            output.WriteLine($"{broken.Length} folders, {refused} refused");
            Assert.NotNull(await server.CompleteAsync("/engines/onnx/v1", "ai/good", "hello", 2, stream: false));
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }
}
