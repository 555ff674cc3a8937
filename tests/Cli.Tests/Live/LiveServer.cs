using System.Text.Json;
using ModelRunner.Clients.Tests;
using ModelRunner.ModelStore.Tests.Servers;
using ModelRunner.Testing;

namespace ModelRunner.Cli.Tests.Live;

/// <summary>
/// A server process with one generated model in place, a store of its own, and a registry in memory, which is the server's
/// proxy as well.
/// </summary>
public sealed class LiveServer : IAsyncLifetime
{
    // Before the process starts, and until it has ended.
    private readonly MachineLock _lock = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("modelrunner-live").FullName;
    private FakeRegistry? _registry;
    private ServerProcess? _process;

    /// <summary>The model that is there in place.</summary>
    public static string Model => "ai/tiny";

    /// <summary>The server's blobs.</summary>
    public string Blobs => Path.Combine(_folder, "blobs", "sha256");

    /// <summary>What <c>MODEL_RUNNER_HOST</c> is.</summary>
    public string Host => _process!.Address.Authority;

    internal FakeRegistry Registry => _registry!;

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        _registry = await FakeRegistry.StartAsync();
        var proxy = $"http://{_registry.Host}";
        _process = await ServerProcess.StartAsync(
            [("http_proxy", proxy), ("no_proxy", "127.0.0.1,localhost")],
            ["--models-path", _folder, "--model", $"{Model}={FixtureModels.Tiny}", "--threads", "1", "--context-size", "512"]);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _process!.DisposeAsync();
        await _registry!.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
        _lock.Dispose();
    }

    /// <summary>Runs a command, which must succeed without a word beside its answer.</summary>
    internal Task<string> RunAsync(params string[] arguments) => RunAsync("", arguments);

    internal async Task<string> RunAsync(string input, IReadOnlyList<string> arguments)
    {
        var (exitCode, output, error) = await CommandLine.RunAsync(Host, input, arguments);
        Assert.True(exitCode == 0, $"{exitCode}: {error}");
        Assert.Equal("", error);
        return output;
    }

    /// <summary>Runs a command, which must answer in one line of JSON.</summary>
    internal async Task<JsonElement> RunForJsonAsync(params string[] arguments) =>
        JsonDocument.Parse(await RunAsync(arguments)).RootElement;

    /// <summary>Runs a command that must fail.</summary>
    internal async Task<string> RunToFailAsync(int expected, params string[] arguments)
    {
        var (exitCode, _, error) = await CommandLine.RunAsync(Host, "", arguments);
        Assert.True(exitCode == expected, $"{exitCode}: {error}");
        return error;
    }
}
