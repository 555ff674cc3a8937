using System.CommandLine;
using ModelRunner.Cli.Http;
using ModelRunner.Cli.Terminal;
using ModelRunner.Wire.Dmr;

namespace ModelRunner.Cli.Commands;

/// <summary><c>status</c>: the server and its engines.</summary>
internal static class StatusCommand
{
    public static Command Create()
    {
        var json = CommonOptions.Json();
        var command = new Command("status", "Show whether the server and its engines run. Ends with 3 where no server answers.\n\nExample: modelrunner status") { json };
        command.SetAction(async (result, cancellation) =>
        {
            using var client = RunnerClient.Open();
            var text = await client.GetTextAsync("engines/status", cancellation);
            if (result.GetValue(json)) await result.Out().WriteLineAsync(text);
            else Table.Write(
                result.Out(),
                ["ENGINE", "STATUS"],
                RunnerClient.Parse(text, DmrJson.Default.DictionaryStringString).Select(engine => new[] { engine.Key, engine.Value }));
            return ExitCodes.Success;
        });
        return command;
    }
}
