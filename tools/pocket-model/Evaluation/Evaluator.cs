using System.Globalization;
using System.Text.Json.Nodes;
using ModelRunner.PocketModel.Corpus;

namespace ModelRunner.PocketModel.Evaluation;

/// <summary>Asks the prompts that were written by hand, and further ones of the generators with another seed.</summary>
internal sealed class Evaluator(CompletionClient client, string folder, CorpusBuilder corpus, TextWriter details)
{
    private const int GeneratedCount = 100;

    // A key that comes twice makes an answer wrong, not unreadable later.
    private static readonly System.Text.Json.JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    private int _answers;
    private int _ended;

    /// <returns>Rows of a table: what, and its figure.</returns>
    public async Task<List<(string What, string Figure)>> RunAsync() =>
    [
        ("key facts in explanations, prompts by hand", await ExplainAsync()),
        ("tool call exact, unseen tools, prompts by hand", await CallAsync(ReadTools())),
        ($"tool call exact, {GeneratedCount} generated prompts", await CallAsync(GenerateTools())),
        ("valid JSON with the keys asked for, prompts by hand", await JsonAsync()),
        ($"sums correct, {GeneratedCount} generated prompts", await SumAsync()),
        ("further prompts by hand, to be read", await TalkAsync()),
        ("ends by itself", Share(_ended, _answers)),
    ];

    private async Task<string> ExplainAsync()
    {
        double sum = 0;
        var count = 0;
        foreach (var line in File.ReadLines(Path.Combine(folder, "explain.txt")))
        {
            var (name, prompt) = (line[..line.IndexOf('|', StringComparison.Ordinal)], line[(line.IndexOf('|', StringComparison.Ordinal) + 1)..]);
            var term = corpus.Terms.Find(term => term.Name == name) ?? throw new InvalidDataException($"there is no term {name}");
            var answer = await AskAsync(new Conversation().User(prompt));
            sum += term.Facts.Count(fact => answer.Contains(fact, StringComparison.OrdinalIgnoreCase)) / (double)term.Facts.Length;
            count++;
        }

        return $"{sum / count:P1} of {count}";
    }

    private IEnumerable<(Conversation Conversation, JsonNode Call)> ReadTools()
    {
        foreach (var line in File.ReadLines(Path.Combine(folder, "tools.jsonl")))
        {
            var test = JsonNode.Parse(line)!;
            var conversation = new Conversation().User((string)test["prompt"]!);
            conversation.Tools.AddRange(test["tools"]!.AsArray().Select(tool => PythonJson(tool!)));
            yield return (conversation, test["call"]!);
        }
    }

    private IEnumerable<(Conversation Conversation, JsonNode Call)> GenerateTools()
    {
        var random = new Random(99);
        for (var count = 0; count < GeneratedCount;)
        {
            var whole = corpus.NextTools(random);
            var at = whole.Messages.FindIndex(message => message.Calls.Count > 0);
            if (at < 0)
                continue;
            var call = JsonNode.Parse(whole.Messages[at].Calls[0])!;
            whole.Messages.RemoveRange(at, whole.Messages.Count - at);
            count++;
            yield return (whole, call);
        }
    }

    private async Task<string> CallAsync(IEnumerable<(Conversation Conversation, JsonNode Call)> tests)
    {
        int exact = 0, count = 0;
        foreach (var (conversation, call) in tests)
        {
            var answer = (await AskAsync(conversation)).Replace("<tool_call>", "", StringComparison.Ordinal).Replace("</tool_call>", "", StringComparison.Ordinal);
            count++;
            if (Parse(answer) is { } said && JsonNode.DeepEquals(said, call))
                exact++;
        }

        return Share(exact, count);
    }

    private async Task<string> JsonAsync()
    {
        int valid = 0, count = 0;
        foreach (var line in File.ReadLines(Path.Combine(folder, "json.txt")))
        {
            var parts = line.Split('|', 2);
            var keys = parts[0].Split(", ", StringSplitOptions.RemoveEmptyEntries);
            var answer = Parse(await AskAsync(new Conversation().User(parts[1])));
            count++;
            if (keys.Length == 0 ? answer is JsonArray : answer is JsonObject json && keys.All(json.ContainsKey))
                valid++;
        }

        return Share(valid, count);
    }

    private async Task<string> SumAsync()
    {
        var random = new Random(98);
        var right = 0;
        for (var i = 0; i < GeneratedCount; i++)
        {
            var (sum, result) = Sums.Sum(random);
            var answer = await AskAsync(new Conversation().User($"What is {Sums.Write(sum, inWords: false)}?"));
            if (answer.Contains($"= {result.ToString(CultureInfo.InvariantCulture)}.", StringComparison.Ordinal))
                right++;
        }

        return Share(right, GeneratedCount);
    }

    private async Task<string> TalkAsync()
    {
        var count = 0;
        foreach (var line in File.ReadLines(Path.Combine(folder, "chat.txt")))
        {
            await AskAsync(new Conversation().User(line));
            count++;
        }

        return count.ToString(CultureInfo.InvariantCulture);
    }

    private async Task<string> AskAsync(Conversation conversation)
    {
        var (text, ended) = await client.CompleteAsync($"{ChatMarkup.Render(conversation)}{ChatMarkup.Start}assistant\n");
        _answers++;
        _ended += ended ? 1 : 0;
        await details.WriteLineAsync($"> {conversation.Messages[^1].Content}\n{text}{(ended ? "" : " [not ended]")}\n");
        return text;
    }

    private static JsonNode? Parse(string text)
    {
        try
        {
            return JsonNode.Parse(text, documentOptions: Strict);
        }
        catch (System.Text.Json.JsonException)
        {
            return null;
        }
    }

    /// <summary>JSON as the chat template's <c>tojson</c> prints it.</summary>
    private static string PythonJson(JsonNode node) => node switch
    {
        JsonObject json => $"{{{string.Join(", ", json.Select(pair => $"{JsonAnswers.Quote(pair.Key)}: {PythonJson(pair.Value!)}"))}}}",
        JsonArray array => $"[{string.Join(", ", array.Select(item => PythonJson(item!)))}]",
        _ => node.ToJsonString(),
    };

    private static string Share(int part, int whole) => $"{(double)part / whole:P1} of {whole}";
}
