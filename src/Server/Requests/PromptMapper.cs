using System.Text.Json;
using ModelRunner.Abstractions.Requests;

namespace ModelRunner.Server.Requests;

/// <summary>
/// The four shapes of <c>prompt</c> and of an embedding's <c>input</c>: a text, texts, the tokens of one, the tokens of
/// several.
/// </summary>
internal static class PromptMapper
{
    private const string Shapes = "must be a string, an array of strings, an array of token ids or an array of such arrays";

    public static List<PromptInput> Map(in RequestReader request, string name, int maxCount)
    {
        var prompt = request.Get(name) ?? throw request.Invalid(name, "is required");
        if (prompt.ValueKind == JsonValueKind.String) return [PromptInput.FromText(request.TextOf(prompt, name))];
        if (prompt.ValueKind != JsonValueKind.Array) throw request.Invalid(name, Shapes);
        if (prompt.GetArrayLength() == 0) throw request.Invalid(name, "must not be empty");
        if (prompt[0].ValueKind == JsonValueKind.Number) return [MapTokens(request, name, prompt)];
        request.Array(name, maxCount);
        var prompts = new List<PromptInput>(prompt.GetArrayLength());
        foreach (var entry in prompt.EnumerateArray())
        {
            prompts.Add(entry.ValueKind switch
            {
                JsonValueKind.String when prompt[0].ValueKind == JsonValueKind.String =>
                    PromptInput.FromText(request.TextOf(entry, name)),
                JsonValueKind.Array when prompt[0].ValueKind == JsonValueKind.Array => MapTokens(request, name, entry),
                _ => throw request.Invalid(name, Shapes),
            });
        }

        return prompts;
    }

    private static PromptInput MapTokens(in RequestReader request, string name, JsonElement array)
    {
        if (array.GetArrayLength() is 0 or > Bounds.MaxPromptTokens)
            throw request.Invalid(name, $"must have 1 to {Bounds.MaxPromptTokens} token ids");
        var tokens = new int[array.GetArrayLength()];
        var count = 0;
        foreach (var entry in array.EnumerateArray())
        {
            if (entry.ValueKind != JsonValueKind.Number || !entry.TryGetInt32(out tokens[count]) || tokens[count++] < 0)
                throw request.Invalid(name, Shapes);
        }

        return PromptInput.FromTokens(tokens);
    }
}
