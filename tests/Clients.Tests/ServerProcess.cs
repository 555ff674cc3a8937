using System.Diagnostics;
using System.Text.RegularExpressions;

namespace ModelRunner.Clients.Tests;

/// <summary>The server as users run it, in a process of its own, on a free port.</summary>
internal sealed partial class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(5);

    private readonly Process _process;
    private readonly string _cache;

    private ServerProcess(Process process, string cache, Uri address)
    {
        _process = process;
        _cache = cache;
        Client = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromMinutes(5) };
    }

    public HttpClient Client { get; }

    public Uri Address => Client.BaseAddress!;

    /// <summary>The process itself, for signals.</summary>
    public int Id => _process.Id;

    public static Task<ServerProcess> StartAsync(params IReadOnlyList<string> options) => StartAsync([], options);

    /// <summary>With variables of the environment besides those of this process.</summary>
    public static async Task<ServerProcess> StartAsync(IEnumerable<(string Name, string Value)> environment, IReadOnlyList<string> options)
    {
        var cache = Directory.CreateTempSubdirectory("modelrunner-clients").FullName;
        var start = new ProcessStartInfo(
            "dotnet",
            [Path.Combine(AppContext.BaseDirectory, "ModelRunner.Server.dll"), "--port", "0", "--cache-dir", cache, "--models-path", Path.Combine(cache, "store"), .. options])
        {
            RedirectStandardOutput = true,
        };

        // The tests name their models; the one that ships with the server has its own.
        start.Environment["MODEL_RUNNER_NO_BUNDLED"] = "1";
        foreach (var (name, value) in environment) start.Environment[name] = value;
        var process = Process.Start(start) ?? throw new InvalidOperationException("dotnet did not start.");
        var address = await ReadAddressAsync(process).WaitAsync(StartLimit);
        return new ServerProcess(process, cache, address);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        Directory.Delete(_cache, recursive: true);
    }

    /// <summary>The exit code, once the server has ended by itself.</summary>
    public async Task<int> WaitForExitAsync(CancellationToken cancellationToken)
    {
        await _process.WaitForExitAsync(cancellationToken);
        return _process.ExitCode;
    }

    private static Task<Uri> ReadAddressAsync(Process process)
    {
        var address = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        process.OutputDataReceived += (_, line) =>
        {
            // Read to the end, or the server's log would fill the pipe and block it.
            if (line.Data is null)
                address.TrySetException(new InvalidOperationException("The server ended before it listened."));
            else if (ListeningLine().Match(line.Data) is { Success: true } match)
                address.TrySetResult(new Uri($"http://127.0.0.1:{match.Groups["port"].Value}/"));
        };
        process.BeginOutputReadLine();
        return address.Task;
    }

    [GeneratedRegex(@"http://(?:127\.0\.0\.1|0\.0\.0\.0):(?<port>\d+)")]
    private static partial Regex ListeningLine();
}
