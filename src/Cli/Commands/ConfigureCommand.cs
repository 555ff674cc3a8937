using System.CommandLine;
using System.Text.Json.Nodes;
using ModelRunner.Cli.Http;
using ModelRunner.Cli.Terminal;

namespace ModelRunner.Cli.Commands;

/// <summary><c>configure</c>: sets how a model is loaded, or shows it.</summary>
internal static class ConfigureCommand
{
    public static Command Create()
    {
        var model = CommonOptions.Model();
        var contextSize = new Option<int?>("--context-size") { Description = "Tokens of one sequence." };
        var keepAlive = new Option<string?>("--keep-alive") { Description = "How long it stays loaded when idle: 5m, 0, or -1 for ever." };
        var settings = new Option<string[]>("--set") { Description = "Another setting of a model, as name=value; see 'modelrunner serve -- --help'.", Arity = ArgumentArity.ZeroOrMore };
        var command = new Command(
            "configure", "Set how a model is loaded; without options, show it.\n\nExample: modelrunner configure ai/smollm2 --context-size 8192 --set parallel=4")
        { model, contextSize, keepAlive, settings };
        command.SetAction(async (result, cancellation) =>
        {
            using var client = RunnerClient.Open();
            var name = result.GetRequiredValue(model);
            var body = new JsonObject { ["model"] = name };
            if (result.GetValue(contextSize) is { } size) body["context-size"] = size;
            if (result.GetValue(keepAlive) is { } time) body["keep_alive"] = time;
            foreach (var text in result.GetValue(settings) ?? [])
                body[text.Split('=')[0]] = text.Split('=', 2) is [_, var value] ? value
                    : throw new CommandFailedException(ExitCodes.Usage, $"'{text}' is no setting: it must be name=value.");
            if (body.Count > 1) await client.SendForTextAsync(HttpMethod.Post, "engines/_configure", body.ToJsonString(), cancellation);
            await result.Out().WriteLineAsync(await client.GetTextAsync($"engines/_configure?model={Uri.EscapeDataString(name)}", cancellation));
            return ExitCodes.Success;
        });
        return command;
    }
}
