using System.CommandLine;
using System.Reflection;
using ModelRunner.Cli.Http;
using ModelRunner.Cli.Terminal;
using ModelRunner.Wire.Dmr;

namespace ModelRunner.Cli.Commands;

/// <summary><c>version</c>: of this program and of the server.</summary>
internal static class VersionCommand
{
    public static Command Create()
    {
        var command = new Command("version", "Show the versions.\n\nExample: modelrunner version");
        command.SetAction(async (result, cancellation) =>
        {
            var own = typeof(VersionCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;
            await result.Out().WriteLineAsync($"Client: {own}");
            using var client = RunnerClient.Open();
            await result.Out().WriteLineAsync($"Server: {(await client.GetAsync("version", DmrJson.Default.VersionInfo, cancellation)).Version} at {client.Address}");
            return ExitCodes.Success;
        });
        return command;
    }
}
