using System.CommandLine;
using System.Diagnostics;

namespace ModelRunner.Cli.Commands;

/// <summary><c>serve</c>: starts the server that stands beside this program.</summary>
internal static class ServeCommand
{
    private const string Server = "ModelRunner.Server";

    private static readonly string[] Folders = ["", "server"];

    public static Command Create()
    {
        var arguments = new Argument<string[]>("OPTIONS") { Description = "What the server takes: modelrunner serve -- --help", Arity = ArgumentArity.ZeroOrMore };
        var command = new Command("serve", "Start the server.\n\nExamples:\n  modelrunner serve\n  modelrunner serve -- --port 8080 --model-dir ~/models") { arguments };
        command.TreatUnmatchedTokensAsErrors = false;
        command.SetAction(async (result, cancellation) =>
        {
            var start = Find() ?? throw new CommandFailedException(
                ExitCodes.Failure, $"There is no {Server} beside this program. Set MODEL_RUNNER_SERVER to its path.");
            foreach (var argument in result.GetValue(arguments) ?? []) start.ArgumentList.Add(argument);
            foreach (var argument in result.UnmatchedTokens) start.ArgumentList.Add(argument);
            using var process = Process.Start(start) ?? throw new CommandFailedException(ExitCodes.Failure, $"{start.FileName} does not start.");
            try
            {
                await process.WaitForExitAsync(cancellation);
            }
            catch (OperationCanceledException)
            {
                // The terminal sends its signal to both: the server ends its requests first.
                await process.WaitForExitAsync(CancellationToken.None);
            }

            return process.ExitCode;
        });
        return command;
    }

    private static ProcessStartInfo? Find()
    {
        var name = OperatingSystem.IsWindows() ? $"{Server}.exe" : Server;
        var given = Environment.GetEnvironmentVariable("MODEL_RUNNER_SERVER");
        string[] paths = given is { Length: > 0 } ? [given]
            : [.. Folders.SelectMany(folder => Array.ConvertAll<string, string>([name, $"{Server}.dll"], file => Path.Combine(AppContext.BaseDirectory, folder, file)))];
        if (paths.FirstOrDefault(File.Exists) is not { } path) return null;
        return path.EndsWith(".dll", StringComparison.OrdinalIgnoreCase)
            ? new ProcessStartInfo("dotnet") { ArgumentList = { path } }
            : new ProcessStartInfo(path);
    }
}
