using Microsoft.Extensions.Logging.Abstractions;
using ModelRunner.Abstractions.Engines;
using ModelRunner.Abstractions.Errors;
using ModelRunner.Testing;

namespace ModelRunner.Engines.Onnx.Tests;

/// <summary>The folders that the server tries in a child process, here in this one: all of them, and what is said of each.</summary>
public sealed class BrokenFolderTests(ITestOutputHelper output)
{
    [Fact]
    public void Load_BrokenFolders_SaysWhatIsWrong()
    {
        using var root = new TemporaryFolder();
        var wrong = new List<string>();
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
            if (!exception.Message.StartsWith("The folder of 'ai/broken' cannot be used: ", StringComparison.Ordinal)
                || !exception.Message.Contains(broken.Reason!, StringComparison.Ordinal))
                wrong.Add($"{broken.Name}: '{exception.Message}' does not say '{broken.Reason}'");
        }

        Assert.Empty(wrong);
    }
}
