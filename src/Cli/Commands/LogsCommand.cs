using System.CommandLine;
using ModelRunner.Cli.Http;
using ModelRunner.Cli.Terminal;

namespace ModelRunner.Cli.Commands;

/// <summary><c>logs</c>: the log of the server.</summary>
internal static class LogsCommand
{
    public static Command Create()
    {
        var follow = new Option<bool>("--follow", "-f") { Description = "Go on as lines come." };
        var command = new Command("logs", "Show the log of the server.\n\nExample: modelrunner logs --follow") { follow };
        command.SetAction(async (result, cancellation) =>
        {
            using var client = RunnerClient.Open();
            await foreach (var line in client.StreamAsync(HttpMethod.Get, result.GetValue(follow) ? "logs?follow=true" : "logs", null, cancellation))
                await result.Out().WriteLineAsync(line);
            return ExitCodes.Success;
        });
        return command;
    }
}
