using System.CommandLine;
using System.Text.Json.Nodes;
using ModelRunner.Cli.Http;
using ModelRunner.Cli.Terminal;
using ModelRunner.Wire.Dmr;

namespace ModelRunner.Cli.Commands;

/// <summary><c>unload</c>: frees the memory of models that nobody uses.</summary>
internal static class UnloadCommand
{
    public static Command Create()
    {
        var models = CommonOptions.Models(ArgumentArity.ZeroOrMore);
        var all = new Option<bool>("--all") { Description = "All models." };
        var engine = new Option<string?>("--engine") { Description = "Only of this engine." };
        var json = CommonOptions.Json();
        var command = new Command("unload", "Unload models that are not in use.\n\nExamples:\n  modelrunner unload ai/smollm2\n  modelrunner unload --all") { models, all, engine, json };
        command.Aliases.Add("stop");
        command.SetAction(async (result, cancellation) =>
        {
            using var client = RunnerClient.Open();
            var body = new JsonObject
            {
                ["all"] = result.GetValue(all),
                ["backend"] = result.GetValue(engine) ?? "",
                ["models"] = new JsonArray([.. (result.GetValue(models) ?? []).Select(name => (JsonNode)name)]),
            };
            var text = await client.SendForTextAsync(HttpMethod.Post, "engines/unload", body.ToJsonString(), cancellation);
            await result.Out().WriteLineAsync(
                result.GetValue(json) ? text : $"Unloaded: {RunnerClient.Parse(text, DmrJson.Default.UnloadResult).UnloadedRunners}");
            return ExitCodes.Success;
        });
        return command;
    }
}
