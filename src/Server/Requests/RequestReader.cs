using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using ModelRunner.Abstractions.Errors;
using ModelRunner.Abstractions.Requests;

namespace ModelRunner.Server.Requests;

/// <summary>
/// Reads the fields of a JSON object with their bounds: what is absent or null is null, what breaks a bound is the
/// client's mistake and named by its path.
/// </summary>
/// <param name="element">A JSON object.</param>
/// <param name="body">The text that the element was parsed from.</param>
/// <param name="path">Where the object stands, ending in a dot; empty for the body itself.</param>
internal readonly struct RequestReader(JsonElement element, ReadOnlyMemory<byte> body, string path = "")
{
    /// <summary>The field, or null where it is absent or null.</summary>
    public JsonElement? Get(string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    public string PathOf(string name) => path + name;

    public bool? Flag(string name) => Get(name)?.ValueKind switch
    {
        null => null,
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Invalid(name, "must be a boolean"),
    };

    public int? Integer(string name, int min, int max) => (int?)Long(name, min, max);

    public long? Long(string name, long min = long.MinValue, long max = long.MaxValue)
    {
        if (Get(name) is not { } value) return null;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) && number >= min && number <= max)
            return number;
        throw Invalid(name, string.Create(CultureInfo.InvariantCulture, $"must be an integer from {min} to {max}"));
    }

    public float? Number(string name, double min, double max) =>
        Get(name) is not { } value ? null
        : IsNumber(value, min, max, out var number) ? (float)number
        : throw Invalid(name, string.Create(CultureInfo.InvariantCulture, $"must be a number from {min} to {max}"));

    public string? Text(string name, int maxLength)
    {
        if (Get(name) is not { } value) return null;
        if (value.ValueKind != JsonValueKind.String) throw Invalid(name, "must be a string");
        var text = TextOf(value, name);
        return text.Length <= maxLength ? text : throw Invalid(name, $"must be at most {maxLength} characters long");
    }

    /// <summary>The text of a string element that stands under the name.</summary>
    public string TextOf(JsonElement value, string name)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw Invalid(name, "must be Unicode text: it has half of a surrogate pair");
        }
    }

    /// <summary>The array under the name, or null; bounded by a count.</summary>
    public JsonElement? Array(string name, int maxCount)
    {
        if (Get(name) is not { } value) return null;
        if (value.ValueKind != JsonValueKind.Array) throw Invalid(name, "must be an array");
        return value.GetArrayLength() <= maxCount ? value : throw Invalid(name, $"must have at most {maxCount} entries");
    }

    /// <summary>The object under the name, or null.</summary>
    public RequestReader? Object(string name) =>
        Get(name) is not { } value ? null
        : value.ValueKind == JsonValueKind.Object ? new RequestReader(value, body, $"{PathOf(name)}.")
        : throw Invalid(name, "must be an object");

    /// <summary>A reader of an object inside an array of this one.</summary>
    public RequestReader Entry(JsonElement value, string name) =>
        value.ValueKind == JsonValueKind.Object
            ? new RequestReader(value, body, $"{PathOf(name)}.")
            : throw Invalid(name, "must be an object");

    /// <summary>The element's own text: a slice of the body, which lives as long as the request's objects.</summary>
    public JsonText Raw(JsonElement value)
    {
        var raw = JsonMarshal.GetRawUtf8Value(value);
        return body.Span.Overlaps(raw, out var offset)
            ? new JsonText(body.Slice(offset, raw.Length))
            : new JsonText(raw.ToArray());
    }

    /// <summary>The text of this object.</summary>
    public JsonText Raw() => Raw(element);

    /// <summary>The names and values as they stand, doubles and nulls included.</summary>
    public IEnumerable<(string Name, JsonElement Value)> Fields()
    {
        foreach (var property in element.EnumerateObject())
            yield return (property.Name, property.Value);
    }

    public InvalidRequestException Invalid(string name, string rule) =>
        new($"'{PathOf(name)}' {rule}.", PathOf(name));

    public static bool IsNumber(JsonElement value, double min, double max, out double number)
    {
        number = 0;
        return value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out number) && number >= min && number <= max;
    }
}
