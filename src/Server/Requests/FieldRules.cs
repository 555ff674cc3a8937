using System.Text.Json;

namespace ModelRunner.Server.Requests;

/// <summary>The rules of the field tables.</summary>
internal static class FieldRules
{
    private const string NotSupported = "is not supported";

    /// <summary>A mapper reads the field and checks it.</summary>
    public static FieldRule Read { get; } = static _ => null;

    /// <summary>The field changes nothing, whatever it says.</summary>
    public static FieldRule Ignore { get; } = static _ => null;

    /// <summary>No value can be honoured.</summary>
    public static FieldRule Refuse { get; } = static _ => NotSupported;

    /// <summary>Only a value that holds nothing is fine: it asks for what happens anyway.</summary>
    public static FieldRule RefuseUnlessEmpty { get; } = static value => IsEmpty(value) ? null : NotSupported;

    /// <summary>The field changes nothing, and must be of its kind.</summary>
    public static FieldRule IgnoreText { get; } =
        static value => value.ValueKind == JsonValueKind.String ? null : "must be a string";

    /// <inheritdoc cref="IgnoreText"/>
    public static FieldRule IgnoreObject { get; } =
        static value => value.ValueKind == JsonValueKind.Object ? null : "must be an object";

    /// <inheritdoc cref="IgnoreText"/>
    public static FieldRule IgnoreFlag { get; } =
        static value => value.ValueKind is JsonValueKind.True or JsonValueKind.False ? null : "must be a boolean";

    /// <summary>Only these numbers are fine.</summary>
    public static FieldRule RefuseUnlessNumber(params double[] neutral) => value =>
        RequestReader.IsNumber(value, double.MinValue, double.MaxValue, out var number) && neutral.Contains(number)
            ? null
            : NotSupported;

    /// <summary>Only these texts are fine.</summary>
    public static FieldRule RefuseUnlessText(params string[] neutral) =>
        value => IsText(value, neutral) ? null : NotSupported;

    /// <summary>Only this flag is fine.</summary>
    public static FieldRule RefuseUnlessFlag(bool neutral) =>
        value => value.ValueKind == (neutral ? JsonValueKind.True : JsonValueKind.False) ? null : NotSupported;

    /// <summary>A choice among tools, of which there are none.</summary>
    public static FieldRule ToolChoice { get; } =
        static value => IsText(value, "none", "auto") ? null : "is only allowed when tools are given";

    /// <summary>OpenAI's <c>modalities</c>: text alone.</summary>
    public static FieldRule Modalities { get; } = static value =>
        value.ValueKind != JsonValueKind.Array ? "must be an array"
        : value.GetArrayLength() > Bounds.MaxParts ? $"must have at most {Bounds.MaxParts} entries"
        : value.EnumerateArray().All(entry => IsText(entry, "text")) ? null
        : "other than 'text' are not supported";

    private static bool IsText(JsonElement value, params ReadOnlySpan<string> texts)
    {
        if (value.ValueKind != JsonValueKind.String) return false;
        foreach (var text in texts)
            if (value.ValueEquals(text))
                return true;
        return false;
    }

    private static bool IsEmpty(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array => value.GetArrayLength() == 0,
        JsonValueKind.Object => value.GetPropertyCount() == 0,
        JsonValueKind.String => value.ValueEquals(""),
        _ => false,
    };
}
