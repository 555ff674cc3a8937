using System.CommandLine;
using System.Diagnostics;
using ModelRunner.Cli.Native;

namespace ModelRunner.Cli.Commands;

/// <summary><c>serve</c>: becomes the server that stands beside this program.</summary>
internal static class ServeCommand
{
    private const string Server = "ModelRunner.Server";

    private static readonly string[] Folders = ["", "server"];

    public static Command Create()
    {
        var arguments = new Argument<string[]>("OPTIONS") { Description = "What the server takes: modelrunner serve -- --help", Arity = ArgumentArity.ZeroOrMore };
        var command = new Command("serve", "Start the server.\n\nExamples:\n  modelrunner serve\n  modelrunner serve -- --port 8080 --model-dir ~/models") { arguments };
        command.TreatUnmatchedTokensAsErrors = false;
        command.SetAction(async (result, _) =>
        {
            List<string> line = [.. Find(), .. result.GetValue(arguments) ?? [], .. result.UnmatchedTokens];

            // Signals of whoever started this program must reach the server: it takes this one's place.
            if (!OperatingSystem.IsWindows()) throw new CommandFailedException(ExitCodes.Failure, ProcessImage.Replace(line));

            // Windows has no such thing; there the console tells both of Ctrl-C.
            using var process = Process.Start(new ProcessStartInfo(line[0], line.Skip(1)))
                ?? throw new CommandFailedException(ExitCodes.Failure, $"{line[0]} does not start.");
            await process.WaitForExitAsync(CancellationToken.None);
            return process.ExitCode;
        });
        return command;
    }

    private static string[] Find()
    {
        var name = OperatingSystem.IsWindows() ? $"{Server}.exe" : Server;
        var given = Environment.GetEnvironmentVariable("MODEL_RUNNER_SERVER");
        string[] paths = given is { Length: > 0 } ? [given]
            : [.. Folders.SelectMany(folder => Array.ConvertAll<string, string>([name, $"{Server}.dll"], file => Path.Combine(AppContext.BaseDirectory, folder, file)))];
        if (paths.FirstOrDefault(File.Exists) is not { } path)
            throw new CommandFailedException(ExitCodes.Failure, $"There is no {Server} beside this program. Set MODEL_RUNNER_SERVER to its path.");

        // A name alone would be looked for where the shell looks for programs, and not where it was found.
        path = Path.GetFullPath(path);
        return path.EndsWith(".dll", StringComparison.OrdinalIgnoreCase) ? ["dotnet", path] : [path];
    }
}
