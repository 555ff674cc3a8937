using System.CommandLine;
using System.Reflection;
using System.Text.Json.Nodes;
using ModelRunner.Cli.Http;
using ModelRunner.Cli.Terminal;
using ModelRunner.Wire.Dmr;

namespace ModelRunner.Cli.Commands;

/// <summary><c>version</c>: of this program and of the server.</summary>
internal static class VersionCommand
{
    public static Command Create()
    {
        var json = CommonOptions.Json();
        var command = new Command("version", "Show the versions.\n\nExample: modelrunner version") { json };
        command.SetAction(async (result, cancellation) =>
        {
            var own = typeof(VersionCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;
            if (!result.GetValue(json)) await result.Out().WriteLineAsync($"Client: {own}");
            using var client = RunnerClient.Open();
            var server = (await client.GetAsync("version", DmrJson.Default.VersionInfo, cancellation)).Version;
            await result.Out().WriteLineAsync(result.GetValue(json)
                ? new JsonObject { ["client"] = own, ["server"] = server, ["address"] = client.Address.ToString() }.ToJsonString()
                : $"Server: {server} at {client.Address}");
            return ExitCodes.Success;
        });
        return command;
    }
}
