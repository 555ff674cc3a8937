using System.Diagnostics;
using System.Globalization;
using ModelRunner.Clients.Tests;

namespace ModelRunner.Cli.Tests.Live;

/// <summary>The server itself: what it says, and that it starts and ends.</summary>
[Collection(OneServer.Name)]
public sealed class ServerCommandTests(LiveServer server) : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("modelrunner-serve").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Server_ThatRuns_TellsOfItself()
    {
        Assert.Contains("llama.cpp", await server.RunAsync("status"), StringComparison.Ordinal);
        Assert.StartsWith("Running", (await server.RunForJsonAsync("status", "--json")).GetProperty("llama.cpp").GetString(), StringComparison.Ordinal);
        var version = await server.RunAsync("version");
        Assert.Matches(@"^Client: \S+\nServer: \S+ at http://127\.0\.0\.1:\d+/\n$", version);
        Assert.Equal(version.Split("Server: ")[1].Split(' ')[0], (await server.RunForJsonAsync("version", "--json")).GetProperty("server").GetString());
        Assert.Contains("listens on", await server.RunAsync("logs"), StringComparison.Ordinal);
        Assert.Matches(@"Models +\d", await server.RunAsync("df"));
        Assert.True((await server.RunForJsonAsync("df", "--json")).GetProperty("models_disk_usage").GetInt64() > 0);
    }

    [Fact]
    public async Task Logs_Followed_EndWithCtrlC()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "there are no such signals");
        var start = new ProcessStartInfo("dotnet", [CommandLine.Path, "logs", "--follow"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["MODEL_RUNNER_HOST"] = server.Host },
        };
        using var process = Process.Start(start)!;
        Assert.NotNull(await process.StandardOutput.ReadLineAsync(Token));

        await SignalAsync("-INT", process);
        var rest = await process.StandardError.ReadToEndAsync(Token);
        await process.WaitForExitAsync(Token);

        Assert.Equal((130, ""), (process.ExitCode, rest));
    }

    // Whoever started it ends it by a signal, which has to reach the server and not leave it behind.
    [Fact]
    public async Task Serve_ThatIsToldToEnd_EndsTheServer()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "there are no such signals");
        var start = new ProcessStartInfo("dotnet", [CommandLine.Path, "serve", "--", "--port", "0", "--models-path", _folder, "--cache-dir", _folder, "--no-bundled"])
        {
            RedirectStandardOutput = true,
            Environment = { ["MODEL_RUNNER_SERVER"] = Path.Combine(AppContext.BaseDirectory, "ModelRunner.Server.dll") },
        };
        using var process = Process.Start(start)!;
        string? line;
        do line = await process.StandardOutput.ReadLineAsync(Token);
        while (line?.Contains("listens on http://", StringComparison.Ordinal) == false);
        Assert.NotNull(line);
        Assert.Contains("ModelRunner.Server.dll", await File.ReadAllTextAsync($"/proc/{process.Id}/cmdline", Token), StringComparison.Ordinal);

        await SignalAsync("-TERM", process);
        while (await process.StandardOutput.ReadLineAsync(Token) is not null)
        {
        }

        await process.WaitForExitAsync(Token);
        Assert.Equal(0, process.ExitCode);
    }

    [Fact]
    public async Task Serve_WithoutAServer_SaysWhere()
    {
        var start = new ProcessStartInfo("dotnet", [CommandLine.Path, "serve"]) { Environment = { ["MODEL_RUNNER_SERVER"] = Path.Combine(_folder, "none") } };

        var (exitCode, _, error) = await CommandLine.RunAsync(start, "");

        Assert.Equal(1, exitCode);
        Assert.Contains("MODEL_RUNNER_SERVER", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Server_WithAKey_WantsItFromTheCommandLine()
    {
        await using var locked = await ServerProcess.StartAsync([("MODEL_RUNNER_API_KEY", "secret")], []);
        var start = new ProcessStartInfo("dotnet", [CommandLine.Path, "list"]) { Environment = { ["MODEL_RUNNER_HOST"] = locked.Address.Authority, ["MODEL_RUNNER_API_KEY"] = "wrong" } };
        var (exitCode, _, error) = await CommandLine.RunAsync(start, "");
        Assert.Equal(1, exitCode);
        Assert.Contains("key", error, StringComparison.OrdinalIgnoreCase);

        start.Environment["MODEL_RUNNER_API_KEY"] = "secret";
        Assert.Equal(0, (await CommandLine.RunAsync(start, "")).ExitCode);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static async Task SignalAsync(string signal, Process process)
    {
        using var kill = Process.Start("kill", [signal, process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync(Token);
    }
}
