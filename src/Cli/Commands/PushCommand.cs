using System.CommandLine;
using ModelRunner.Cli.Http;
using ModelRunner.Cli.Terminal;

namespace ModelRunner.Cli.Commands;

/// <summary><c>push</c>: sends a model to the registry of its name.</summary>
internal static class PushCommand
{
    public static Command Create()
    {
        var model = CommonOptions.Model();
        var json = CommonOptions.Json();
        var command = new Command("push", "Push a model to the registry of its name.\n\nExample: modelrunner push registry.example/team/model:v1") { model, json };
        command.SetAction(async (result, cancellation) =>
        {
            using var client = RunnerClient.Open();
            var message = await Transfers.RunAsync(
                client, result, $"{RunnerClient.ModelPath(result.GetRequiredValue(model))}/push", null, result.GetValue(json), cancellation);
            if (!result.GetValue(json)) await result.Out().WriteLineAsync(message);
            return ExitCodes.Success;
        });
        return command;
    }
}
