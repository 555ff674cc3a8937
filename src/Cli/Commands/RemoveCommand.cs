using System.CommandLine;
using ModelRunner.Cli.Http;
using ModelRunner.Cli.Terminal;
using ModelRunner.Wire.Dmr;

namespace ModelRunner.Cli.Commands;

/// <summary><c>rm</c>: removes names, and with the last name the model.</summary>
internal static class RemoveCommand
{
    public static Command Create()
    {
        var models = CommonOptions.Models(ArgumentArity.OneOrMore);
        var force = new Option<bool>("--force", "-f") { Description = "With all its names." };
        var json = CommonOptions.Json();
        var command = new Command("rm", "Remove models.\n\nExample: modelrunner rm ai/smollm2") { models, force, json };
        command.Aliases.Add("remove");
        command.SetAction(async (result, cancellation) =>
        {
            using var client = RunnerClient.Open();
            foreach (var name in result.GetRequiredValue(models))
            {
                var text = await client.SendForTextAsync(
                    HttpMethod.Delete, $"{RunnerClient.ModelPath(name)}?force={(result.GetValue(force) ? "true" : "false")}", null, cancellation);
                if (result.GetValue(json))
                    await result.Out().WriteLineAsync(text);
                else
                    foreach (var action in RunnerClient.Parse(text, DmrJson.Default.DeleteActionArray))
                        await result.Out().WriteLineAsync(action.Untagged is { } tag ? $"Untagged: {tag}" : $"Deleted: {action.Deleted}");
            }

            return ExitCodes.Success;
        });
        return command;
    }
}
