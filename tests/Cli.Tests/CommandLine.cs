using System.Diagnostics;

namespace ModelRunner.Cli.Tests;

/// <summary>The program as a user starts it, in a process of its own, with pipes in place of a terminal.</summary>
internal static class CommandLine
{
    /// <summary>The program.</summary>
    public static string Path { get; } = System.IO.Path.Combine(AppContext.BaseDirectory, "modelrunner.dll");

    /// <summary>Runs a command to its end.</summary>
    /// <param name="host">The server.</param>
    /// <param name="input">What is piped in.</param>
    /// <param name="arguments">The command.</param>
    public static async Task<(int ExitCode, string Output, string Error)> RunAsync(string host, string input, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path, .. arguments]);
        start.Environment["MODEL_RUNNER_HOST"] = host;
        return await RunAsync(start, input);
    }

    /// <summary>Runs a program to its end.</summary>
    public static async Task<(int ExitCode, string Output, string Error)> RunAsync(ProcessStartInfo start, string input)
    {
        (start.RedirectStandardInput, start.RedirectStandardOutput, start.RedirectStandardError) = (true, true, true);
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await output, await error);
    }
}
