using System.Globalization;
using System.Text.Json.Nodes;
using ModelRunner.Abstractions.Requests;
using ModelRunner.Generation.Parsing;

namespace ModelRunner.Generation.Constraints;

/// <summary>Writes how a model calls tools as a grammar, from the same format that its answers are read with.</summary>
/// <param name="format">How the model writes calls.</param>
/// <param name="declared">The tools of the request in their order, for the names of fields in errors.</param>
/// <param name="isEnd">Whether a text is that of a token that ends a generation: it is not part of the output then.</param>
internal sealed class CallGrammar(CallFormat format, IReadOnlyList<ChatTool> declared, Func<string, bool> isEnd)
{
    private const string Spaces = "[ \\t\\r\\n]{0,16}";

    private readonly string _close = isEnd(format.Close) ? "" : format.Close;

    /// <summary>The grammar's source: an object of <c>begin</c>, <c>rest</c> and <c>once</c>.</summary>
    /// <exception cref="Abstractions.Errors.InvalidRequestException">A strict tool has a schema that the format has no place for.</exception>
    public JsonObject Write(IReadOnlyList<ChatTool> tools, bool isOnce)
    {
        // A call that ends the generation is the only one.
        isOnce |= _close.Length < format.Close.Length;
        var calls = tools.Select(Call).ToArray();
        return new JsonObject
        {
            ["begin"] = format.Open,
            ["rest"] = new JsonArray(
                format.CallOpen.Length > 0 || IsJson ? Space : "",
                format.CallOpen.Length > 0 ? Marked(calls, isOnce) : IsList ? List(calls, isOnce) : Any(calls),
                Space,
                _close),
            ["once"] = isOnce,
        };
    }

    private static JsonNode Space => new JsonObject { ["pattern"] = Spaces };

    private bool IsList => format.IsList || format.Syntax is CallSyntax.Python or CallSyntax.NameAsKey;

    private bool IsJson => format.IsList || (format.NameEnds.Count == 0 && format.Syntax != CallSyntax.Gemma);

    private static JsonObject Any(params JsonNode[] items) => new() { ["any"] = new JsonArray(items) };

    private static JsonObject Some(JsonNode item, JsonNode between) => new() { ["some"] = item, ["between"] = between };

    private static JsonObject Pattern(string pattern) => new() { ["pattern"] = pattern };

    private JsonNode Marked(JsonNode[] calls, bool isOnce)
    {
        var call = new JsonArray(format.CallOpen, Any(calls));
        return isOnce ? call : Some(call, Space);
    }

    private JsonArray List(JsonNode[] calls, bool isOnce)
    {
        JsonNode inside = isOnce ? Any(calls) : Some(Any(calls), new JsonArray(",", Space));

        // A bare list begins with its own bracket.
        return format.IsBare
            ? new JsonArray(inside, Space)
            : new JsonArray(format.Fence.Open, Space, "[", Space, inside, Space, "]", Space, format.Fence.Close);
    }

    private JsonNode Call(ChatTool tool) => format.Syntax switch
    {
        CallSyntax.Python => new JsonArray(tool.Name + "(", Listed(tool, "="), ")"),
        CallSyntax.Gemma => new JsonArray(tool.Name + "{", Listed(tool, ":"), "}"),
        CallSyntax.NameAsKey => new JsonArray("{", Space, CallReader.Quote(tool.Name), Pattern(": ?"), Arguments(tool), Space, "}"),
        _ when IsJson => JsonCall(tool),
        _ => Named(tool),
    };

    private JsonArray JsonCall(ChatTool tool)
    {
        var id = format.IdKey.Length == 0 ? null : new JsonArray(
            CallReader.Quote(format.IdKey), Pattern(": ?"), "\"", Pattern(IdPattern), "\"");
        var call = new JsonArray(format.IsBare ? "" : "{", Space);
        if (id is not null && !format.HasLateId)
            Add(id, Pattern(", ?"));

        Add(CallReader.Quote(format.NameKey), Pattern(": ?"), CallReader.Quote(tool.Name), Pattern(", ?"));
        Add(CallReader.Quote(format.ArgumentsKey), Pattern(": ?"), Arguments(tool));
        if (id is not null && format.HasLateId)
            Add(Pattern(", ?"), id);

        Add(Space, "}");
        return call;

        void Add(params JsonNode[] nodes)
        {
            foreach (var node in nodes)
                call.Add(node);
        }
    }

    private string IdPattern => format.IdLength > 0
        ? $"[a-zA-Z0-9]{{{format.IdLength.ToString(CultureInfo.InvariantCulture)}}}"
        : "[a-zA-Z0-9_.:-]{1,64}";

    private JsonArray Named(ChatTool tool)
    {
        var name = new JsonArray(format.NamePrefix + tool.Name, format.HasIndexedNames ? Pattern(":[0-9]{1,3}") : "");
        if (format.NameSuffix.Length > 0)
            name.Add(new JsonObject { ["maybe"] = format.NameSuffix });

        if (format.ParameterOpen.Length > 0 && !format.HasJsonArguments)
            return new JsonArray(name, TaggedNameEnd, Space, Tagged(tool), format.CallClose);

        var nameEnd = format.NameEnd.Length > 0 ? format.NameEnd : format.NameEnds[0];
        if (nameEnd == format.IdOpen)
            name.Add(new JsonArray(nameEnd, Pattern(IdPattern), "[ARGS]"));
        else if (nameEnd != "{")
            name.Add(nameEnd);

        return new JsonArray(
            name,
            format.Fence.Open.Length > 0 ? new JsonArray(format.Fence.Open, Space) : "",
            Arguments(tool),
            format.Fence.Close.Length > 0 ? new JsonArray(Space, format.Fence.Close) : "",
            format.CallClose);
    }

    private string TaggedNameEnd
    {
        get
        {
            var end = format.NameEnd.Length > 0 ? format.NameEnd : format.NameEnds[0];
            return end == "\n" || end == format.ParameterOpen || end == format.Close ? "" : end;
        }
    }

    private JsonArray Tagged(ChatTool tool)
    {
        var parameters = ToolParameters.Read(tool, Parameter(tool));
        var quote = format.ParameterOpen.EndsWith('"') ? "\"" : "";
        var value = format.ValueOpen.Length > 0 ? new JsonArray(Space, format.ValueOpen) : new JsonArray();
        if (parameters is null)
        {
            var free = new JsonArray(format.ParameterOpen, Pattern("[a-zA-Z0-9_.-]{1,64}"), quote, Type(true), format.KeyEnd, value, Until(null), Space);
            return new JsonArray(new JsonObject { ["maybe"] = Some(free, "") });
        }

        var result = new JsonArray();
        foreach (var parameter in parameters)
        {
            var item = new JsonArray(
                format.ParameterOpen + parameter.Name + quote,
                Type(parameter.IsText),
                format.KeyEnd,
                value.DeepClone(),
                parameter.IsText
                    ? Until(parameter.Schema)
                    : new JsonArray(Pattern("\\n?"), parameter.ToNode(), Pattern("\\n?"), format.ValueClose),
                Space);
            result.Add(parameter.IsRequired ? item : new JsonObject { ["maybe"] = item });
        }

        return result;

        string Type(bool isText) => !format.HasTypedParameters ? "" : isText ? " string=\"true\"" : " string=\"false\"";

        JsonObject Until(JsonObject? schema) => ToolParameters.Text(schema, format.ValueClose, isPadded: true);
    }

    /// <summary>Arguments with commas between, in the order of the schema.</summary>
    private JsonObject Listed(ChatTool tool, string sign)
    {
        var parameters = ToolParameters.Read(tool, Parameter(tool));
        if (parameters is null)
        {
            var free = new JsonArray(Pattern("[a-zA-Z_][a-zA-Z0-9_]{0,63}"), sign, new JsonObject { ["schema"] = true });
            return new JsonObject { ["maybe"] = Some(free, Pattern(", ?")) };
        }

        // What follows the first argument has a comma before it.
        JsonNode behind = "";
        var first = new List<JsonNode>();
        for (var i = parameters.Count - 1; i >= 0; i--)
        {
            var item = new JsonArray(
                parameters[i].Name + sign,
                parameters[i].IsText && format.TextQuote.Length > 0
                    ? new JsonArray(format.TextQuote, ToolParameters.Text(parameters[i].Schema, format.TextQuote, isPadded: false))
                    : parameters[i].ToNode());
            if (parameters[i].IsRequired)
                first.Clear();

            first.Add(new JsonArray(item.DeepClone(), behind.DeepClone()));
            var next = new JsonArray(Pattern(", ?"), item);
            behind = new JsonArray(parameters[i].IsRequired ? next : new JsonObject { ["maybe"] = next }, behind);
        }

        if (!parameters.Any(parameter => parameter.IsRequired))
            first.Add("");

        return Any([.. first]);
    }

    private JsonObject Arguments(ChatTool tool)
    {
        var schema = tool.ParametersSchema.IsAbsent ? new JsonObject() : JsonNode.Parse(tool.ParametersSchema.Utf8.Span)!.AsObject();
        schema.TryAdd("type", "object");
        return new JsonObject { ["schema"] = schema, ["parameter"] = Parameter(tool), ["orAny"] = !tool.IsStrict };
    }

    private string Parameter(ChatTool tool)
    {
        for (var i = 0; i < declared.Count; i++)
            if (declared[i].Name == tool.Name)
                return $"tools[{i.ToString(CultureInfo.InvariantCulture)}].function.parameters";

        return "tools";
    }
}
