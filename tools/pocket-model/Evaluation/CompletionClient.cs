using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace ModelRunner.PocketModel.Evaluation;

/// <summary>Completes prompts on a running server, greedily.</summary>
internal sealed class CompletionClient(HttpClient http, string url, string model)
{
    private const int MaxTokens = 300;

    /// <returns>The text, and whether the model ended it by itself.</returns>
    public async Task<(string Text, bool Ended)> CompleteAsync(string prompt)
    {
        var response = await http.PostAsJsonAsync($"{url}/completions", new JsonObject
        {
            ["model"] = model,
            ["prompt"] = prompt,
            ["max_tokens"] = MaxTokens,
            ["temperature"] = 0,
        });
        var body = await response.Content.ReadFromJsonAsync<JsonObject>();
        response.EnsureSuccessStatusCode();
        var choice = body!["choices"]![0]!;
        return ((string)choice["text"]!, (string?)choice["finish_reason"] == "stop");
    }
}
