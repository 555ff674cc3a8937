using System.Text.Json;
using ModelRunner.Abstractions.Errors;
using ModelRunner.Abstractions.Requests;
using ModelRunner.ChatTemplates.Values;
using ModelRunner.Generation.Parsing;

namespace ModelRunner.Generation.Prompting;

/// <summary>Messages as a template wants them; what it cannot show is said in words that it can.</summary>
internal sealed class MessageValues(TemplateAbilities abilities)
{
    /// <param name="request">The request.</param>
    /// <param name="instructions">Further words for the system message; empty for none.</param>
    public ListValue Map(ChatRequest request, string instructions)
    {
        var values = new List<DictionaryValue>();
        for (var i = 0; i < request.Messages.Count; i++)
            values.Add(Map(request.Messages[i], i));

        if (instructions.Length > 0)
            Instruct(values, instructions);

        if (!abilities.HasSystem)
            MoveSystem(values);

        return new ListValue(values);
    }

    private DictionaryValue Map(ChatMessage message, int index)
    {
        var value = message.Json.IsAbsent ? new DictionaryValue() : (DictionaryValue)Value.FromJson(message.Json);
        var role = message.Role == "developer" && !abilities.HasDeveloper ? "system" : message.Role;
        var content = message.Content;
        value.Set("role", Value.FromInput(role));
        if (message.ReasoningContent is { } reasoning)
            value.Set("reasoning_content", Value.FromInput(reasoning));

        if (message.ToolCallId is { } id)
            value.Set("tool_call_id", Value.FromInput(id));

        if (message.ToolCalls.Count > 0 && abilities.HasToolCalls)
            value.Set("tool_calls", new ListValue(message.ToolCalls.Select((call, at) => Map(call, index, at))));
        else if (message.ToolCalls.Count > 0)
            content = string.Join('\n', new[] { content ?? "" }.Concat(message.ToolCalls.Select(Describe))).Trim();

        if (role == "tool" && !abilities.HasToolRole)
        {
            value.Set("role", Value.FromInput("user"));
            content = $"<tool_response>\n{content}\n</tool_response>";
        }

        if (content is null && abilities.HasNullContent && abilities.HasToolCalls)
            value.Set("content", Value.None);
        else
            SetContent(value, content ?? "");

        return value;
    }

    private DictionaryValue Map(ChatToolCall call, int message, int index)
    {
        var function = new DictionaryValue();
        function.Set("name", Value.FromInput(call.Name));
        var arguments = Value.FromInput(call.ArgumentsJson);
        if (!abilities.WantsTextArguments)
        {
            var path = $"messages[{message}].tool_calls[{index}].function.arguments";
            try
            {
                var json = call.ArgumentsJson.Length == 0 ? "{}" : call.ArgumentsJson;
                using var document = JsonDocument.Parse(json);
                arguments = document.RootElement.ValueKind == JsonValueKind.Object
                    ? Value.FromJson(JsonText.From(json))
                    : throw new InvalidRequestException($"'{path}' must be a JSON object.", path);
            }
            catch (JsonException)
            {
                throw new InvalidRequestException($"'{path}' must be valid JSON.", path);
            }
        }

        function.Set("arguments", arguments);
        var value = new DictionaryValue();
        value.Set("id", Value.FromInput(call.Id));
        value.Set("type", Value.FromInput("function"));
        value.Set("function", function);
        return value;
    }

    private static string Describe(ChatToolCall call) =>
        $$"""
        <tool_call>
        {"name": {{CallReader.Quote(call.Name)}}, "arguments": {{(call.ArgumentsJson.Length == 0 ? "{}" : call.ArgumentsJson)}}}
        </tool_call>
        """;

    private void SetContent(DictionaryValue value, string content)
    {
        if (!abilities.WantsParts)
        {
            value.Set("content", Value.FromInput(content));
            return;
        }

        var part = new DictionaryValue();
        part.Set("type", Value.FromInput("text"));
        part.Set("text", Value.FromInput(content));
        value.Set("content", new ListValue([part]));
    }

    private static string ContentOf(DictionaryValue value) => value.Get("content") switch
    {
        ListValue parts => string.Concat(parts.Parts.OfType<DictionaryValue>().Select(part => part.Get("text")?.ToString())),
        { } content when content != Value.None => content.ToString(),
        _ => "",
    };

    private void Instruct(List<DictionaryValue> values, string instructions)
    {
        if (values.Count > 0 && values[0].Get("role")?.ToString() is "system" or "developer")
        {
            SetContent(values[0], $"{ContentOf(values[0])}\n\n{instructions}".Trim());
            return;
        }

        var system = new DictionaryValue();
        system.Set("role", Value.FromInput("system"));
        SetContent(system, instructions);
        values.Insert(0, system);
    }

    // A model without system messages gets their words before those of the user.
    private void MoveSystem(List<DictionaryValue> values)
    {
        var words = values.Where(IsSystem).Select(ContentOf).ToList();
        if (words.Count == 0)
            return;

        values.RemoveAll(IsSystem);
        var user = values.Find(value => value.Get("role")?.ToString() == "user");
        if (user is null)
        {
            user = new DictionaryValue();
            user.Set("role", Value.FromInput("user"));
            SetContent(user, "");
            values.Insert(0, user);
        }

        SetContent(user, string.Join("\n\n", words.Append(ContentOf(user))).TrimEnd());

        static bool IsSystem(DictionaryValue value) => value.Get("role")?.ToString() is "system" or "developer";
    }
}
