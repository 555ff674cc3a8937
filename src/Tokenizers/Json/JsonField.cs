using System.Text.Json;
using ModelRunner.Abstractions.Errors;

namespace ModelRunner.Tokenizers.Json;

/// <summary>A value of a JSON file that knows where it stands, so that every error names file and field.</summary>
/// <param name="File">The file's name.</param>
/// <param name="Parent">The place of the value, or of the list that it is an item of; empty for the whole file.</param>
/// <param name="Value">The value.</param>
/// <param name="Index">Its index in the list, otherwise -1.</param>
internal readonly record struct JsonField(string File, string Parent, JsonElement Value, int Index = -1)
{
    // Put together when an error wants it: lists have a million items.
    private string Path => Index < 0 ? Parent : $"{Parent}[{Index}]";

    public bool IsText => Value.ValueKind == JsonValueKind.String;

    public bool IsObject => Value.ValueKind == JsonValueKind.Object;

    public bool IsList => Value.ValueKind == JsonValueKind.Array;

    /// <summary>The value of a name, null where it is absent or null.</summary>
    public JsonField? Find(string name)
    {
        if (!IsObject)
            throw Wrong("must be an object");
        return Value.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null
            ? new JsonField(File, Join(name), value)
            : null;
    }

    public JsonField Get(string name) =>
        Find(name) ?? throw new ModelLoadException($"{File}: {Join(name)} is missing");

    public string? FindText(string name) => Find(name)?.AsText();

    public string GetText(string name) => Get(name).AsText();

    public bool GetFlag(string name, bool otherwise) => Find(name)?.AsFlag() ?? otherwise;

    public string AsText()
    {
        if (!IsText)
            throw Wrong("must be a string");
        try
        {
            return Value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw Wrong("holds half of a surrogate pair");
        }
    }

    public bool AsFlag() => Value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Wrong("must be true or false"),
    };

    public int AsInteger(int minimum, int maximum) =>
        Value.ValueKind == JsonValueKind.Number && Value.TryGetInt32(out var number) && number >= minimum && number <= maximum
            ? number
            : throw Wrong($"must be an integer in [{minimum}, {maximum}]");

    public double AsNumber() =>
        Value.ValueKind == JsonValueKind.Number && Value.TryGetDouble(out var number) && double.IsFinite(number)
            ? number
            : throw Wrong("must be a number");

    /// <summary>The items of a list.</summary>
    public IEnumerable<JsonField> Items(int maximum)
    {
        if (!IsList)
            throw Wrong("must be a list");
        if (Value.GetArrayLength() > maximum)
            throw Wrong($"has {Value.GetArrayLength()} items, the limit is {maximum}");
        return Enumerate(this);

        static IEnumerable<JsonField> Enumerate(JsonField list)
        {
            var index = 0;
            var path = list.Path;
            foreach (var item in list.Value.EnumerateArray())
                yield return new JsonField(list.File, path, item, index++);
        }
    }

    public ModelLoadException Wrong(string what) => new(Path.Length == 0 ? $"{File}: it {what}" : $"{File}: {Path} {what}");

    private string Join(string name) => Path.Length == 0 ? name : $"{Path}.{name}";
}
