using ModelRunner.Testing;

namespace ModelRunner.Clients.Tests;

/// <summary>One server process with a generated model under the names that the documents use, for all tests that only talk to it.</summary>
public sealed class SharedServer : IAsyncLifetime
{
    /// <summary>The names of the seed's calls.</summary>
    public static IReadOnlyList<string> ModelNames { get; } = ["ai/smollm2", "ai/gemma3"];

    // Before the process starts, and until it has ended.
    private readonly MachineLock _lock = new();
    private ServerProcess? _process;

    /// <summary>The process.</summary>
    internal ServerProcess Process => _process ?? throw new InvalidOperationException("The server has not been started.");

    /// <inheritdoc/>
    public async ValueTask InitializeAsync() => _process = await ServerProcess.StartAsync(
        [.. ModelNames.SelectMany(name => new[] { "--model", $"{name}={FixtureModels.Tiny}" }), "--threads", "1", "--context-size", "512"]);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_process is not null) await _process.DisposeAsync();
        _lock.Dispose();
    }
}
