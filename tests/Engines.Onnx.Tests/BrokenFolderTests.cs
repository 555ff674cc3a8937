using Microsoft.Extensions.Logging.Abstractions;
using ModelRunner.Abstractions.Engines;
using ModelRunner.Abstractions.Errors;
using ModelRunner.Testing;

namespace ModelRunner.Engines.Onnx.Tests;

/// <summary>The folders that the server tries in a child process, here in this one: all of them, and what is said of each.</summary>
public sealed class BrokenFolderTests(ITestOutputHelper output)
{
    private static readonly string[] NamedPlaces = ["genai_config.json", "model.onnx", "tokenizer.json", "'"];

    [Fact]
    public void Load_BrokenFolders_SaysWhatIsWrongWithWhichFile()
    {
        using var root = new TemporaryFolder();
        var loader = new OnnxModelLoader(new OnnxOptions(), NullLoggerFactory.Instance);
        foreach (var (broken, i) in BrokenFolders.Named.Select((broken, i) => (broken, i)))
        {
            var folder = Path.Combine(root.Path, $"{i}");
            BrokenFolders.Write(broken, FixtureModels.TinyOnnx, folder);
            var exception = Assert.Throws<ModelLoadException>(() => loader.Load(
                new ModelBundle { Name = "ai/broken", Formats = ModelFormat.OnnxGenAi, OnnxFolder = folder },
                new ModelLoadOptions { ThreadCount = 1, MaxSequences = 1, ContextLength = 64 },
                progress: null,
                TestContext.Current.CancellationToken).Dispose());
            output.WriteLine($"{broken.Name}: {exception.Message}");
            const string Start = "The folder of 'ai/broken' cannot be used: ";
            Assert.StartsWith(Start, exception.Message, StringComparison.Ordinal);

            // A file, or what the configuration or the graph calls it.
            var reason = exception.Message[Start.Length..];
            Assert.True(reason.Length > 20 && NamedPlaces.Any(place => reason.Contains(place, StringComparison.Ordinal)), $"{broken.Name}: {reason}");
        }
    }
}
