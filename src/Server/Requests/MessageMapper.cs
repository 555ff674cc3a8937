using System.Text;
using System.Text.Json;
using ModelRunner.Abstractions.Requests;

namespace ModelRunner.Server.Requests;

/// <summary>The messages of a chat request.</summary>
internal static class MessageMapper
{
    public static List<ChatMessage> Map(in RequestReader request)
    {
        if (request.Array("messages", Bounds.MaxMessages) is not { } array || array.GetArrayLength() == 0)
            throw request.Invalid("messages", "is required, with at least one message");
        var messages = new List<ChatMessage>(array.GetArrayLength());
        foreach (var element in array.EnumerateArray())
            messages.Add(MapMessage(request.Entry(element, $"messages[{messages.Count}]")));
        return messages;
    }

    private static ChatMessage MapMessage(in RequestReader message)
    {
        var role = message.Text("role", Bounds.MaxNameLength);
        if (role is not ("system" or "developer" or "user" or "assistant" or "tool"))
            throw message.Invalid("role", "must be 'system', 'developer', 'user', 'assistant' or 'tool'");
        RefuseUnsupported(message);
        var content = MapContent(message) ?? message.Text("refusal", Bounds.MaxTextLength);
        var calls = MapToolCalls(message);

        // An assistant's turn may be its calls alone; the others say something, if only the empty text.
        if (content is null && role != "assistant") throw message.Invalid("content", "is required");
        return new()
        {
            Role = role,
            Content = content,
            ToolCalls = calls,
            ToolCallId = message.Text("tool_call_id", Bounds.MaxTextLength),
            ReasoningContent = message.Text("reasoning_content", Bounds.MaxTextLength),
            Json = message.Raw(),
        };
    }

    // What a message may carry by OpenAI's schema, and no prompt can show. A name is shown where the template has it.
    private static void RefuseUnsupported(in RequestReader message)
    {
        message.Text("name", Bounds.MaxNameLength);
        if (message.Get("audio") is not null) throw message.Invalid("audio", "is not supported");
        if (message.Get("function_call") is not null)
            throw message.Invalid("function_call", "is not supported: use 'tool_calls'");
    }

    private static string? MapContent(in RequestReader message)
    {
        if (message.Get("content") is not { } content) return null;
        if (content.ValueKind == JsonValueKind.String) return message.TextOf(content, "content");
        if (content.ValueKind != JsonValueKind.Array)
            throw message.Invalid("content", "must be a string or an array of parts");
        var text = new StringBuilder();
        var index = 0;
        foreach (var element in message.Array("content", Bounds.MaxParts)!.Value.EnumerateArray())
        {
            var part = message.Entry(element, $"content[{index++}]");
            if (part.Get("prompt_cache_breakpoint") is not null)
                throw part.Invalid("prompt_cache_breakpoint", "is not supported");
            text.Append(part.Text("type", Bounds.MaxNameLength) switch
            {
                "text" => part.Text("text", Bounds.MaxTextLength) ?? throw part.Invalid("text", "is required"),
                "refusal" => part.Text("refusal", Bounds.MaxTextLength) ?? throw part.Invalid("refusal", "is required"),
                _ => throw part.Invalid("type", "must be 'text': other parts are not supported"),
            });
        }

        return text.ToString();
    }

    private static List<ChatToolCall> MapToolCalls(in RequestReader message)
    {
        var calls = new List<ChatToolCall>();
        if (message.Array("tool_calls", Bounds.MaxParts) is not { } array) return calls;
        foreach (var element in array.EnumerateArray())
        {
            var call = message.Entry(element, $"tool_calls[{calls.Count}]");
            if (call.Text("type", Bounds.MaxNameLength) is not (null or "function"))
                throw call.Invalid("type", "must be 'function'");
            var function = call.Object("function") ?? throw call.Invalid("function", "is required");
            var name = function.Text("name", Bounds.MaxNameLength) ?? throw function.Invalid("name", "is required");
            calls.Add(new(call.Text("id", Bounds.MaxNameLength) ?? "", name, MapArguments(function)));
        }

        return calls;
    }

    // OpenAI's arguments are JSON inside a string; some clients send the object itself.
    private static string MapArguments(in RequestReader function) => function.Get("arguments") switch
    {
        null => "{}",
        { ValueKind: JsonValueKind.String } text => function.TextOf(text, "arguments"),
        { ValueKind: JsonValueKind.Object } value => function.Raw(value).ToString(),
        _ => throw function.Invalid("arguments", "must be a string"),
    };
}
