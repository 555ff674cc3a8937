using System.Diagnostics;

namespace ModelRunner.Clients.Tests;

/// <summary>Runs another program to its end.</summary>
internal static class Command
{
    private static readonly TimeSpan HangLimit = TimeSpan.FromMinutes(10);

    /// <summary>Runs it, and fails with what it said where it fails.</summary>
    /// <param name="folder">Where it runs.</param>
    /// <param name="environment">Variables besides those of this process.</param>
    /// <param name="onLine">Told each line of its output as it comes; null for nobody.</param>
    /// <param name="program">The program and its arguments.</param>
    /// <returns>What it wrote to its output.</returns>
    public static async Task<string> RunAsync(
        string folder,
        IEnumerable<(string Name, string Value)> environment,
        Action<string>? onLine,
        params string[] program)
    {
        var start = new ProcessStartInfo(program[0], program[1..])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{program[0]} did not start.");
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(HangLimit);
        try
        {
            var errors = process.StandardError.ReadToEndAsync(limit.Token);
            var output = new List<string>();
            while (await process.StandardOutput.ReadLineAsync(limit.Token) is { } line)
            {
                output.Add(line);
                onLine?.Invoke(line);
            }

            await process.WaitForExitAsync(limit.Token);
            var text = string.Join('\n', output);
            Assert.True(process.ExitCode == 0, $"{string.Join(' ', program)}: {process.ExitCode}\n{text}\n{await errors}");
            return text;
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }

    /// <summary>Whether the program can be run here.</summary>
    public static bool Exists(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, program)));
}
