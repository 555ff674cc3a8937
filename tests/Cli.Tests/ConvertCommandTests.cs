using System.CommandLine;
using ModelRunner.Cli.Commands;
using ModelRunner.Export.GenAi;
using ModelRunner.Testing;

namespace ModelRunner.Cli.Tests;

public sealed class ConvertCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("modelrunner-cli-").FullName;
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();

    [Fact]
    public async Task Convert_Model_WritesTheFolderAndIsQuietWherePiped()
    {
        Assert.Equal(0, await RunAsync(FixtureModels.Tiny, _folder, "--precision", "int4", "--context", "64"));

        Assert.True(File.Exists(Path.Combine(_folder, "genai_config.json")));
        Assert.Equal("", _error.ToString());
        Assert.Equal(_folder, _output.ToString().Trim());
    }

    [Fact]
    public async Task Convert_FolderThatIsNotEmpty_NeedsForce()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "notes.txt"), "", TestContext.Current.CancellationToken);

        var refused = await Assert.ThrowsAsync<IOException>(() => RunAsync(FixtureModels.Tiny, _folder));
        Assert.Contains("--force", refused.Message, StringComparison.Ordinal);
        Assert.Equal(0, await RunAsync(FixtureModels.Tiny, _folder, "--force"));
    }

    [Fact]
    public async Task Convert_UnknownPrecision_IsRefusedByName()
    {
        Assert.Equal(1, await RunAsync(FixtureModels.Tiny, _folder, "--precision", "int3"));
        Assert.Contains("int3", _error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Convert_ContextAboveTheModels_IsRefused()
    {
        var refused = await Assert.ThrowsAsync<ConversionException>(() => RunAsync(FixtureModels.Tiny, _folder, "--context", "1000000"));
        Assert.Contains("2048", refused.Message, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _output.Dispose();
        _error.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private Task<int> RunAsync(params string[] arguments) => ConvertCommand.Create().Parse(arguments).InvokeAsync(
        new InvocationConfiguration { Output = _output, Error = _error, EnableDefaultExceptionHandler = false },
        TestContext.Current.CancellationToken);
}
