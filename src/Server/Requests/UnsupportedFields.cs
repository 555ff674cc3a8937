using System.Text.Json;

namespace ModelRunner.Server.Requests;

/// <summary>
/// The fields that are known but cannot be honoured. They are refused, never dropped in silence, unless their value
/// asks for what happens anyway.
/// </summary>
internal static class UnsupportedFields
{
    // Any value but null, an empty array or an empty object.
    private static readonly string[] AnyValue =
    [
        "tools", "functions", "grammar", "json_schema", "guided_json", "guided_regex", "guided_choice",
        "guided_grammar", "structured_outputs", "audio", "prediction", "web_search_options",
    ];

    // Numbers that switch a sampler of a peer off.
    private static readonly (string Name, double Neutral)[] Numbers =
    [
        ("mirostat", 0), ("dry_multiplier", 0), ("xtc_probability", 0), ("dynatemp_range", 0), ("tfs_z", 1),
        ("top_n_sigma", -1),
    ];

    public static void Refuse(in RequestReader request)
    {
        foreach (var name in AnyValue)
            if (request.Get(name) is { } value && !IsEmpty(value))
                throw request.Invalid(name, "is not supported");

        foreach (var (name, neutral) in Numbers)
            if (request.Get(name) is { } value && !RequestReader.IsNumber(value, neutral, neutral, out _))
                throw request.Invalid(name, "is not supported");

        if (request.Object("response_format") is { } format && format.Text("type", Bounds.MaxNameLength) is not (null or "text"))
            throw request.Invalid("response_format", "of another type than 'text' is not supported");
        if (request.Get("tool_choice") is { } choice && !IsText(choice, "none") && !IsText(choice, "auto"))
            throw request.Invalid("tool_choice", "is only allowed when 'tools' are given");
        if (request.Get("function_call") is { } call && !IsText(call, "none") && !IsText(call, "auto"))
            throw request.Invalid("function_call", "is only allowed when 'functions' are given");
        if (request.Get("verbosity") is { } verbosity && !IsText(verbosity, "medium"))
            throw request.Invalid("verbosity", "is not supported");
        if (request.Get("suffix") is { } suffix && !IsText(suffix, ""))
            throw request.Invalid("suffix", "is not supported");
        if (request.Array("modalities", Bounds.MaxParts) is { } modalities)
            foreach (var modality in modalities.EnumerateArray())
                if (!IsText(modality, "text"))
                    throw request.Invalid("modalities", "other than 'text' are not supported");
        request.Flag("parallel_tool_calls");
    }

    private static bool IsText(JsonElement value, string text) =>
        value.ValueKind == JsonValueKind.String && value.ValueEquals(text);

    private static bool IsEmpty(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array => value.GetArrayLength() == 0,
        JsonValueKind.Object => value.GetPropertyCount() == 0,
        JsonValueKind.String => value.ValueEquals(""),
        _ => false,
    };
}
