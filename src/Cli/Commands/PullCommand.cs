using System.CommandLine;
using System.Text.Json.Nodes;
using ModelRunner.Cli.Http;
using ModelRunner.Cli.Terminal;

namespace ModelRunner.Cli.Commands;

/// <summary><c>pull</c>: brings a model to the server.</summary>
internal static class PullCommand
{
    public static Command Create()
    {
        var model = CommonOptions.Model("ai/smollm2, registry/namespace/name:tag, or hf.co/owner/repo:Q4_K_M.");
        var json = CommonOptions.Json();
        var command = new Command(
            "pull",
            "Pull a model from a registry or from Hugging Face. What was cut goes on where it was.\n\nExamples:\n  modelrunner pull ai/smollm2\n  modelrunner pull hf.co/bartowski/SmolLM2-135M-Instruct-GGUF:Q8_0\n  modelrunner pull hf.co/owner/repo:cpu-int4@main")
        { model, json };
        command.SetAction(async (result, cancellation) =>
        {
            using var client = RunnerClient.Open();
            var message = await PullAsync(client, result, result.GetRequiredValue(model), result.GetValue(json), cancellation);
            if (!result.GetValue(json)) await result.Out().WriteLineAsync(message);
            return ExitCodes.Success;
        });
        return command;
    }

    public static Task<string> PullAsync(RunnerClient client, ParseResult result, string name, bool isJson, CancellationToken cancellation)
    {
        var body = new JsonObject { ["from"] = name };
        var isHub = name.StartsWith("hf.co/", StringComparison.OrdinalIgnoreCase) || name.StartsWith("huggingface.co/", StringComparison.OrdinalIgnoreCase);
        if (isHub && Environment.GetEnvironmentVariable("HF_TOKEN") is { Length: > 0 } token) body["bearer-token"] = token;
        return Transfers.RunAsync(client, result, "models/create", RunnerClient.ToContent(body.ToJsonString()), isJson, cancellation);
    }
}
