using System.CommandLine;
using System.Text.Json.Nodes;
using ModelRunner.Cli.Http;
using ModelRunner.Cli.Terminal;

namespace ModelRunner.Cli.Commands;

/// <summary><c>run</c>: one answer, or a chat.</summary>
internal static class RunCommand
{
    public static Command Create()
    {
        var model = CommonOptions.Model();
        var prompt = new Argument<string[]>("PROMPT") { Description = "What to ask; without it, a chat. Piped input comes behind it.", Arity = ArgumentArity.ZeroOrMore };
        var system = new Option<string?>("--system") { Description = "The system message." };
        var temperature = new Option<double?>("--temperature") { Description = "0 for the most likely answer." };
        var maxTokens = new Option<int?>("--max-tokens") { Description = "Tokens of an answer at most." };
        var detach = new Option<bool>("--detach", "-d") { Description = "Load the model, and ask nothing." };
        var command = new Command(
            "run", "Ask a model, or chat with it. A model that is missing is pulled first.\n\nExamples:\n  modelrunner run ai/smollm2 \"Why is the sky blue?\"\n  cat notes.txt | modelrunner run ai/smollm2 \"Summarise this:\"\n  modelrunner run ai/smollm2")
        { model, prompt, system, temperature, maxTokens, detach };
        command.SetAction(async (result, cancellation) =>
        {
            using var client = RunnerClient.Open();
            var name = result.GetRequiredValue(model);
            await PullMissingAsync(client, result, name, cancellation);
            if (result.GetValue(detach))
            {
                using var request = new StringContent(new JsonObject { ["model"] = name }.ToJsonString());
                request.Headers.Add("X-Preload-Only", "true");
                using var answer = await client.SendAsync(HttpMethod.Post, "engines/v1/chat/completions", request, cancellation);
                return ExitCodes.Success;
            }

            var settings = new JsonObject();
            if (result.GetValue(temperature) is { } degree) settings["temperature"] = degree;
            if (result.GetValue(maxTokens) is { } count) settings["max_tokens"] = count;
            var chat = new Chat(client, name, settings, result.Out(), result.GetValue(system));
            var text = string.Join(' ', result.GetValue(prompt) ?? []);
            if (Console.IsInputRedirected && await Console.In.ReadToEndAsync(cancellation) is { Length: > 0 } piped)
                text = text.Length > 0 ? $"{text}\n\n{piped}" : piped;
            if (text.Length > 0) await chat.AskAsync(text, cancellation);
            else if (Console.IsInputRedirected) throw new CommandFailedException(ExitCodes.Usage, "There is nothing to ask: give a prompt, or pipe one in.");
            else await chat.TalkAsync(Console.In, cancellation);
            return ExitCodes.Success;
        });
        return command;
    }

    private static async Task PullMissingAsync(RunnerClient client, ParseResult result, string name, CancellationToken cancellation)
    {
        try
        {
            await client.GetTextAsync(RunnerClient.ModelPath(name), cancellation);
        }
        catch (CommandFailedException exception) when (exception.ExitCode == ExitCodes.NotFound)
        {
            await result.Error().WriteLineAsync($"{name} is not here: pulling it.");
            await PullCommand.PullAsync(client, result, name, isJson: false, cancellation);
        }
    }
}
