using System.CommandLine;
using ModelRunner.Cli.Http;
using ModelRunner.Cli.Terminal;

namespace ModelRunner.Cli.Commands;

/// <summary><c>tag</c>: gives a model another name.</summary>
internal static class TagCommand
{
    public static Command Create()
    {
        var model = CommonOptions.Model();
        var target = new Argument<string>("NAME") { Description = "The new name; the tag is latest where it has none." };
        var json = CommonOptions.Json();
        var command = new Command("tag", "Give a model another name.\n\nExample: modelrunner tag ai/smollm2 registry.example/team/smollm2:v1") { model, target, json };
        command.SetAction(async (result, cancellation) =>
        {
            using var client = RunnerClient.Open();
            var name = result.GetRequiredValue(target);
            var colon = name.IndexOf(':', name.LastIndexOf('/') + 1);
            var (repository, tag) = colon < 0 ? (name, "latest") : (name[..colon], name[(colon + 1)..]);
            var text = await client.SendForTextAsync(
                HttpMethod.Post,
                $"{RunnerClient.ModelPath(result.GetRequiredValue(model))}/tag?repo={Uri.EscapeDataString(repository)}&tag={Uri.EscapeDataString(tag)}",
                null,
                cancellation);
            await result.Out().WriteLineAsync(result.GetValue(json) ? text : $"{repository}:{tag}");
            return ExitCodes.Success;
        });
        return command;
    }
}
