using System.CommandLine;
using ModelRunner.Cli.Http;
using ModelRunner.Cli.Terminal;
using ModelRunner.Wire.Dmr;

namespace ModelRunner.Cli.Commands;

/// <summary><c>gc</c>: frees what no model names.</summary>
internal static class CollectCommand
{
    public static Command Create()
    {
        var all = new Option<bool>("--all") { Description = "Also what is younger than an hour, and all beginnings of downloads; those are otherwise kept for a week." };
        var json = CommonOptions.Json();
        var command = new Command("gc", "Remove stored files that no model names. The server does so at each start.\n\nExample: modelrunner gc --all") { all, json };
        command.SetAction(async (result, cancellation) =>
        {
            using var client = RunnerClient.Open();
            var text = await client.SendForTextAsync(HttpMethod.Post, result.GetValue(all) ? "models/gc?all=true" : "models/gc", null, cancellation);
            var freed = RunnerClient.Parse(text, DmrJson.Default.CollectResult).FreedBytes;
            await result.Out().WriteLineAsync(result.GetValue(json) ? text : $"Freed: {Units.Bytes(freed)}");
            return ExitCodes.Success;
        });
        return command;
    }
}
