using System.Text.Json;
using System.Text.Json.Nodes;

namespace ModelRunner.Cli.Http;

/// <summary>A chat request whose answer comes in pieces.</summary>
internal static class ChatStream
{
    private const string Prefix = "data: ";

    /// <summary>The pieces of the answer: the text that is added, and whether it is reasoning.</summary>
    public static async IAsyncEnumerable<(string Text, bool IsReasoning)> RunAsync(
        RunnerClient client,
        string model,
        JsonArray messages,
        JsonObject settings,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var body = settings.DeepClone().AsObject();
        body["model"] = model;
        body["messages"] = messages.DeepClone();
        body["stream"] = true;
        await foreach (var line in client.StreamAsync(HttpMethod.Post, "engines/v1/chat/completions", RunnerClient.ToContent(body.ToJsonString()), cancellationToken))
        {
            if (!line.StartsWith(Prefix, StringComparison.Ordinal) || line.EndsWith("[DONE]", StringComparison.Ordinal)) continue;
            using var chunk = JsonDocument.Parse(line[Prefix.Length..]);
            if (chunk.RootElement.TryGetProperty("error", out var error))
                throw new CommandFailedException(ExitCodes.Failure, error.TryGetProperty("message", out var message) ? message.GetString()! : "The server broke off.");
            if (!chunk.RootElement.TryGetProperty("choices", out var choices) || choices.GetArrayLength() == 0) continue;
            if (!choices[0].TryGetProperty("delta", out var delta)) continue;
            if (Text(delta, "reasoning_content") is { } reasoning) yield return (reasoning, true);
            if (Text(delta, "content") is { } content) yield return (content, false);
        }
    }

    public static JsonObject Message(string role, string content) => new() { ["role"] = role, ["content"] = content };

    private static string? Text(JsonElement delta, string name) =>
        delta.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text ? text : null;
}
