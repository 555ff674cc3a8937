using System.Text.Json;
using ModelRunner.Abstractions.Requests;

namespace ModelRunner.Server.Requests;

/// <summary>The four shapes of <c>prompt</c>: a text, texts, the tokens of one prompt, the tokens of several.</summary>
internal static class PromptMapper
{
    private const string Name = "prompt";
    private const string Shapes = "must be a string, an array of strings, an array of token ids or an array of such arrays";

    public static List<PromptInput> Map(in RequestReader request)
    {
        var prompt = request.Get(Name) ?? throw request.Invalid(Name, "is required");
        if (prompt.ValueKind == JsonValueKind.String) return [PromptInput.FromText(request.TextOf(prompt, Name))];
        if (prompt.ValueKind != JsonValueKind.Array) throw request.Invalid(Name, Shapes);
        if (prompt.GetArrayLength() == 0) throw request.Invalid(Name, "must not be empty");
        if (prompt[0].ValueKind == JsonValueKind.Number) return [MapTokens(request, prompt)];
        request.Array(Name, Bounds.MaxSequences);
        var prompts = new List<PromptInput>(prompt.GetArrayLength());
        foreach (var entry in prompt.EnumerateArray())
        {
            prompts.Add(entry.ValueKind switch
            {
                JsonValueKind.String when prompt[0].ValueKind == JsonValueKind.String =>
                    PromptInput.FromText(request.TextOf(entry, Name)),
                JsonValueKind.Array when prompt[0].ValueKind == JsonValueKind.Array => MapTokens(request, entry),
                _ => throw request.Invalid(Name, Shapes),
            });
        }

        return prompts;
    }

    private static PromptInput MapTokens(in RequestReader request, JsonElement array)
    {
        if (array.GetArrayLength() is 0 or > Bounds.MaxPromptTokens)
            throw request.Invalid(Name, $"must have 1 to {Bounds.MaxPromptTokens} token ids");
        var tokens = new int[array.GetArrayLength()];
        var count = 0;
        foreach (var entry in array.EnumerateArray())
        {
            if (entry.ValueKind != JsonValueKind.Number || !entry.TryGetInt32(out tokens[count]) || tokens[count++] < 0)
                throw request.Invalid(Name, Shapes);
        }

        return PromptInput.FromTokens(tokens);
    }
}
