using System.Diagnostics.CodeAnalysis;

namespace ModelRunner.Gguf;

/// <summary>
/// The metadata in file order. The typed getters give null for an absent key and throw for a value of another type,
/// because the native loader treats such a file differently from one without the key.
/// </summary>
public sealed class GgufMetadata
{
    private readonly OrderedDictionary<string, GgufValue> _values;

    internal GgufMetadata(OrderedDictionary<string, GgufValue> values) => _values = values;

    public int Count => _values.Count;

    /// <summary>In file order.</summary>
    public IEnumerable<KeyValuePair<string, GgufValue>> Entries => _values;

    public bool Contains(string key) => _values.ContainsKey(key);

    public bool TryGet(string key, [NotNullWhen(true)] out GgufValue? value) => _values.TryGetValue(key, out value);

    /// <summary>Text, or null where the key is absent.</summary>
    /// <exception cref="GgufException">The value is not text.</exception>
    public string? GetText(string key)
    {
        if (!TryGet(key, out var value))
            return null;
        return value.TryGetText(out var text) ? text : throw WrongType(key, value, "text");
    }

    /// <summary>An integer of any width, or null where the key is absent.</summary>
    /// <exception cref="GgufException">The value is not an integer, or exceeds 63 bits.</exception>
    public long? GetInteger(string key)
    {
        if (!TryGet(key, out var value))
            return null;
        return value.TryGetInteger(out var number) ? number : throw WrongType(key, value, "an integer");
    }

    /// <summary>A number, integer or not, or null where the key is absent.</summary>
    /// <exception cref="GgufException">The value is not a number.</exception>
    public double? GetNumber(string key)
    {
        if (!TryGet(key, out var value))
            return null;
        return value.TryGetNumber(out var number) ? number : throw WrongType(key, value, "a number");
    }

    /// <summary>A boolean, or null where the key is absent.</summary>
    /// <exception cref="GgufException">The value is not a boolean.</exception>
    public bool? GetBoolean(string key)
    {
        if (!TryGet(key, out var value))
            return null;
        return value.TryGetBoolean(out var boolean) ? boolean : throw WrongType(key, value, "a boolean");
    }

    /// <summary>An array, or null where the key is absent.</summary>
    /// <exception cref="GgufException">The value is not an array.</exception>
    public GgufArray? GetArray(string key)
    {
        if (!TryGet(key, out var value))
            return null;
        return value.Array ?? throw WrongType(key, value, "an array");
    }

    internal static GgufException WrongType(string key, GgufValue value, string expected) =>
        new($"'{key}' is {(value.Array is { } array ? $"an array of {array.ElementType}" : value.Type)}, expected {expected}");
}
