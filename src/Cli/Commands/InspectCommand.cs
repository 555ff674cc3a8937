using System.CommandLine;
using ModelRunner.Cli.Http;
using ModelRunner.Cli.Terminal;

namespace ModelRunner.Cli.Commands;

/// <summary><c>inspect</c>: everything that is known of a model, in JSON.</summary>
internal static class InspectCommand
{
    public static Command Create()
    {
        var model = CommonOptions.Model();
        var remote = new Option<bool>("--remote", "-r") { Description = "As its registry has it, without pulling it." };
        var command = new Command("inspect", "Show a model in JSON.\n\nExample: modelrunner inspect --remote ai/smollm2") { model, remote };
        command.Aliases.Add("show");
        command.SetAction(async (result, cancellation) =>
        {
            using var client = RunnerClient.Open();
            var path = RunnerClient.ModelPath(result.GetRequiredValue(model)) + (result.GetValue(remote) ? "?remote=true" : "");
            await result.Out().WriteLineAsync(await client.GetTextAsync(path, cancellation));
            return ExitCodes.Success;
        });
        return command;
    }
}
