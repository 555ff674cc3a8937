using System.CommandLine;
using ModelRunner.Cli.Http;
using ModelRunner.Cli.Terminal;
using ModelRunner.Wire.Dmr;

namespace ModelRunner.Cli.Commands;

/// <summary><c>ps</c>: the models in memory.</summary>
internal static class PsCommand
{
    public static Command Create()
    {
        var json = CommonOptions.Json();
        var command = new Command("ps", "List the models that are loaded or loading.\n\nExample: modelrunner ps") { json };
        command.SetAction(async (result, cancellation) =>
        {
            using var client = RunnerClient.Open();
            var text = await client.GetTextAsync("engines/ps", cancellation);
            if (result.GetValue(json)) await result.Out().WriteLineAsync(text);
            else Table.Write(
                result.Out(),
                ["MODEL", "ENGINE", "STATE", "MEMORY", "CONTEXT", "KEEP ALIVE", "LAST USED"],
                RunnerClient.Parse(text, DmrJson.Default.ResidentEntryArray).Select(Row));
            return ExitCodes.Success;
        });
        return command;
    }

    private static string[] Row(ResidentEntry entry) =>
    [
        entry.ModelName,
        entry.BackendName,
        entry.Loading ? $"loading {entry.Progress * 100:0}%" : !entry.Healthy ? "stuck" : entry.InUse ? "in use" : "idle",
        Units.Bytes(entry.MemoryBytes),
        entry.ContextLength.ToString(System.Globalization.CultureInfo.InvariantCulture),
        entry.KeepAlive,
        Units.Ago(TimeProvider.System.GetUtcNow() - entry.LastUsed),
    ];
}
