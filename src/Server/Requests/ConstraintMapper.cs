using System.Text.Json;
using ModelRunner.Abstractions.Requests;

namespace ModelRunner.Server.Requests;

/// <summary>
/// What the output must follow: OpenAI's <c>response_format</c>, llama-server's <c>grammar</c> and <c>json_schema</c>,
/// vLLM's <c>structured_outputs</c> and the <c>guided_</c> fields before it. At most one of them.
/// </summary>
internal static class ConstraintMapper
{
    private static readonly string[] Kinds = ["json", "json_object", "regex", "choice", "grammar"];

    public static ConstraintSpecification? Map(in RequestReader request)
    {
        var given = new List<(string Name, ConstraintSpecification Constraint)>();
        Add(given, "response_format", MapResponseFormat(request));
        Add(given, "grammar", MapText(request, "grammar", ConstraintKind.Gbnf));
        Add(given, "json_schema", MapSchema(request, "json_schema"));
        foreach (var kind in Kinds)
            Add(given, "guided_" + kind, MapGuided(request, kind, "guided_" + kind));

        if (request.Object("structured_outputs") is { } outputs)
        {
            foreach (var (name, value) in outputs.Fields())
                if (!Kinds.Contains(name) && value.ValueKind is not (JsonValueKind.Null or JsonValueKind.False))
                    throw outputs.Invalid(name, "is not supported");
            foreach (var kind in Kinds)
                Add(given, "structured_outputs." + kind, MapGuided(outputs, kind, kind));
        }

        return given.Count switch
        {
            0 => null,
            1 => given[0].Constraint,
            _ => throw request.Invalid(given[1].Name, $"is not allowed beside '{given[0].Name}'"),
        };
    }

    private static void Add(List<(string, ConstraintSpecification)> given, string name, ConstraintSpecification? constraint)
    {
        if (constraint is not null)
            given.Add((name, constraint with { Parameter = name }));
    }

    private static ConstraintSpecification? MapResponseFormat(in RequestReader request)
    {
        if (request.Object("response_format") is not { } format) return null;
        switch (format.Text("type", Bounds.MaxNameLength))
        {
            case null or "text":
                return null;
            case "json_object":
                return MapSchema(format, "schema") ?? JsonObject;
            case "json_schema":
                var wrapper = format.Object("json_schema") ?? throw format.Invalid("json_schema", "is required");
                return MapSchema(wrapper, "schema") is { } schema
                    ? schema with { IsStrict = wrapper.Flag("strict") ?? false }
                    : throw wrapper.Invalid("schema", "is required");
            default:
                throw format.Invalid("type", "must be one of text, json_object, json_schema");
        }
    }

    private static ConstraintSpecification? MapGuided(in RequestReader request, string kind, string name) => kind switch
    {
        "json" => MapSchema(request, name),
        "json_object" => request.Flag(name) == true ? JsonObject : null,
        "regex" => MapText(request, name, ConstraintKind.Regex),
        "choice" => MapChoice(request, name),
        _ => MapText(request, name, IsGbnf(request, name) ? ConstraintKind.Gbnf : ConstraintKind.Lark),
    };

    private static ConstraintSpecification JsonObject { get; } = new(ConstraintKind.JsonObject, JsonText.From("{}"));

    // vLLM's clients write either; rules are told apart by the sign of their definition.
    private static bool IsGbnf(in RequestReader request, string name) =>
        request.Get(name) is { ValueKind: JsonValueKind.String } value
        && request.TextOf(value, name).Contains("::=", StringComparison.Ordinal);

    private static ConstraintSpecification? MapText(in RequestReader request, string name, ConstraintKind kind) =>
        request.Text(name, int.MaxValue) is not { Length: > 0 } ? null
        : new ConstraintSpecification(kind, request.Raw(request.Get(name)!.Value));

    private static ConstraintSpecification? MapSchema(in RequestReader request, string name)
    {
        if (request.Get(name) is not { } value) return null;
        if (value.ValueKind is JsonValueKind.Object or JsonValueKind.True or JsonValueKind.False)
            return new ConstraintSpecification(ConstraintKind.JsonSchema, request.Raw(value));
        if (value.ValueKind != JsonValueKind.String) throw request.Invalid(name, "must be a JSON Schema");

        // vLLM takes the schema's text as well.
        var text = request.TextOf(value, name);
        if (text.Length == 0) return null;
        try
        {
            using var document = JsonDocument.Parse(text);
        }
        catch (JsonException)
        {
            throw request.Invalid(name, "must be a JSON Schema");
        }

        return new ConstraintSpecification(ConstraintKind.JsonSchema, JsonText.From(text));
    }

    private static ConstraintSpecification? MapChoice(in RequestReader request, string name)
    {
        if (request.Array(name, Bounds.MaxChoiceTexts) is not { } choices || choices.GetArrayLength() == 0) return null;
        foreach (var choice in choices.EnumerateArray())
        {
            if (choice.ValueKind != JsonValueKind.String) throw request.Invalid(name, "must be an array of strings");
            request.TextOf(choice, name);
        }

        return new ConstraintSpecification(ConstraintKind.Choice, request.Raw(choices));
    }
}
