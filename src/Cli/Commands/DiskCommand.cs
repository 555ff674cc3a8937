using System.CommandLine;
using ModelRunner.Cli.Http;
using ModelRunner.Cli.Terminal;
using ModelRunner.Wire.Dmr;

namespace ModelRunner.Cli.Commands;

/// <summary><c>df</c>: the bytes on disk.</summary>
internal static class DiskCommand
{
    public static Command Create()
    {
        var json = CommonOptions.Json();
        var command = new Command("df", "Show the bytes on disk.\n\nExample: modelrunner df") { json };
        command.SetAction(async (result, cancellation) =>
        {
            using var client = RunnerClient.Open();
            var text = await client.GetTextAsync("engines/df", cancellation);
            var usage = RunnerClient.Parse(text, DmrJson.Default.DiskUsage);
            if (result.GetValue(json)) await result.Out().WriteLineAsync(text);
            else Table.Write(result.Out(), ["WHAT", "SIZE"], [["Models", Units.Bytes(usage.ModelsDiskUsage)], ["Server", Units.Bytes(usage.DefaultBackendDiskUsage)]]);
            return ExitCodes.Success;
        });
        return command;
    }
}
