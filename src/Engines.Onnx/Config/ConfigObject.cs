using System.Text.Json;
using ModelRunner.Abstractions.Errors;

namespace ModelRunner.Engines.Onnx.Config;

/// <summary>An object of a configuration file that knows its own path, so that every error names file and field.</summary>
internal readonly struct ConfigObject
{
    // Configurations have some kilobytes.
    private const int MaxSizeInBytes = 4 << 20;
    private const int MaxItems = 4096;

    private readonly JsonElement _element;
    private readonly string _file;
    private readonly string _path;

    private ConfigObject(JsonElement element, string file, string path)
    {
        _element = element;
        _file = file;
        _path = path;
    }

    /// <summary>Reads a file of a folder.</summary>
    /// <exception cref="ModelLoadException">It is missing, too large, or no JSON object.</exception>
    public static ConfigObject ReadFile(string folder, string fileName) =>
        ReadRoot(folder, fileName) is { ValueKind: JsonValueKind.Object } root
            ? new ConfigObject(root, fileName, "")
            : throw new ModelLoadException($"{fileName} holds no JSON object");

    /// <summary>Reads a file of a folder that holds a list of objects.</summary>
    /// <exception cref="ModelLoadException">It is missing, too large, or no such list.</exception>
    public static IReadOnlyList<ConfigObject> ReadList(string folder, string fileName)
    {
        var root = ReadRoot(folder, fileName);
        if (root.ValueKind != JsonValueKind.Array || root.GetArrayLength() > MaxItems
            || root.EnumerateArray().Any(item => item.ValueKind != JsonValueKind.Object))
            throw new ModelLoadException($"{fileName} holds no list of objects");
        return [.. root.EnumerateArray().Select((item, index) => new ConfigObject(item, fileName, $"[{index}]"))];
    }

    private static JsonElement ReadRoot(string folder, string fileName)
    {
        var file = new FileInfo(Path.Combine(folder, fileName));
        if (!file.Exists)
            throw new ModelLoadException($"{fileName} is missing");
        if (file.Length > MaxSizeInBytes)
            throw new ModelLoadException($"{fileName} has {file.Length} bytes; a configuration has {MaxSizeInBytes} at most");

        try
        {
            using var document = JsonDocument.Parse(
                File.ReadAllBytes(file.FullName),
                new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            return document.RootElement.Clone();
        }
        catch (JsonException exception)
        {
            throw new ModelLoadException($"{fileName} is no JSON: {exception.Message}", exception);
        }
    }

    /// <summary>Names of the fields.</summary>
    public IEnumerable<string> Names => _element.EnumerateObject().Take(MaxItems).Select(property => property.Name);

    /// <summary>Whether the field is there and not null.</summary>
    public bool Has(string name) => Find(name) is not null;

    /// <summary>An object, or null when it is not there.</summary>
    public ConfigObject? GetObject(string name) => Find(name) is not { } value ? null
        : value.ValueKind == JsonValueKind.Object ? new ConfigObject(value, _file, PathOf(name))
        : throw Wrong(name, "an object");

    /// <summary>The objects of a list; empty when it is not there.</summary>
    public IReadOnlyList<ConfigObject> GetObjects(string name)
    {
        var objects = new List<ConfigObject>();
        foreach (var item in GetItems(name))
            objects.Add(item.ValueKind == JsonValueKind.Object
                ? new ConfigObject(item, _file, $"{PathOf(name)}[{objects.Count}]")
                : throw Wrong(name, "a list of objects"));
        return objects;
    }

    /// <summary>A text, or null when it is not there.</summary>
    public string? GetText(string name) => Find(name) is not { } value ? null
        : value.ValueKind == JsonValueKind.String ? ReadText(value, name)
        : throw Wrong(name, "a text");

    /// <summary>A text, or the text of a number or truth value; null when it is not there.</summary>
    public string? GetScalar(string name) => Find(name) is not { } value ? null : value.ValueKind switch
    {
        JsonValueKind.String => ReadText(value, name),
        JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => value.GetRawText(),
        _ => throw Wrong(name, "a text or number"),
    };

    /// <summary>A number from 0 on, or null when it is not there.</summary>
    public int? GetCount(string name) => GetInteger(name) is not { } value ? null
        : value >= 0 ? value
        : throw Wrong(name, "a number from 0 on");

    /// <summary>A number, or null when it is not there.</summary>
    public int? GetInteger(string name) => Find(name) is not { } value ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) ? number
        : throw Wrong(name, "a number");

    /// <summary>A truth value; false when it is not there.</summary>
    public bool GetFlag(string name) => Find(name) is { } value
        && (value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : throw Wrong(name, "true or false"));

    /// <summary>A number or a list of them; empty when it is not there.</summary>
    public IReadOnlyList<int> GetIntegers(string name)
    {
        if (Find(name) is { ValueKind: not JsonValueKind.Array })
            return [GetInteger(name)!.Value];

        var numbers = new List<int>();
        foreach (var item in GetItems(name))
            numbers.Add(item.ValueKind == JsonValueKind.Number && item.TryGetInt32(out var number)
                ? number
                : throw Wrong(name, "a number or a list of numbers"));
        return numbers;
    }

    /// <summary>The texts of a list; empty when it is not there.</summary>
    public IReadOnlyList<string> GetTexts(string name)
    {
        var texts = new List<string>();
        foreach (var item in GetItems(name))
            texts.Add(item.ValueKind == JsonValueKind.String ? ReadText(item, name) : throw Wrong(name, "a list of texts"));
        return texts;
    }

    private JsonElement[] GetItems(string name)
    {
        if (Find(name) is not { } value)
            return [];
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() > MaxItems)
            throw Wrong(name, $"a list of at most {MaxItems} items");
        return [.. value.EnumerateArray()];
    }

    private string ReadText(JsonElement value, string name)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair, or bytes that are no UTF-8.
            throw Wrong(name, "a text of whole characters");
        }
    }

    private JsonElement? Find(string name) =>
        _element.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private string PathOf(string name) => _path.Length == 0 ? name : $"{_path}.{name}";

    private ModelLoadException Wrong(string name, string what) => new($"{_file}: {PathOf(name)} must be {what}");
}
