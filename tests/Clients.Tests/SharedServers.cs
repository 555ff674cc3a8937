using ModelRunner.Testing;

namespace ModelRunner.Clients.Tests;

/// <summary>
/// A server process for each engine, with the same generated weights under the names that the documents use, for all
/// tests that only talk to it. The folder has both formats; where a path names no engine, the server's own is preferred.
/// </summary>
public sealed class SharedServers : IAsyncLifetime
{
    /// <summary>The names of the seed's calls.</summary>
    public static IReadOnlyList<string> ModelNames { get; } = ["ai/smollm2", "ai/gemma3"];

    // Before the processes start, and until they have ended.
    private readonly MachineLock _lock = new();
    private readonly Dictionary<string, SharedServer> _servers = [];

    /// <summary>The server for the tests of an engine.</summary>
    internal SharedServer this[string engine] => _servers[engine];

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        var models = ModelNames.SelectMany(name => new[] { "--model", $"{name}={FixtureModels.TinyOfBothFormats}" });
        foreach (var engine in new[] { "llama.cpp", "onnx" })
            _servers[engine] = new(engine, await ServerProcess.StartAsync(
                [.. models, "--engines", engine, "--threads", "1", "--context-size", "512"]));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers.Values)
            await server.Process.DisposeAsync();
        _lock.Dispose();
    }
}
