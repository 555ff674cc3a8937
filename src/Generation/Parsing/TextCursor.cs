using System.Text;
using System.Text.Json;

namespace ModelRunner.Generation.Parsing;

/// <summary>Whether a text was understood.</summary>
internal enum ReadState
{
    /// <summary>Everything so far fits.</summary>
    Fine,

    /// <summary>The text ends where more is needed.</summary>
    NeedsMore,

    /// <summary>It cannot be what was expected.</summary>
    Broken,
}

/// <summary>Reads a text that may not have come to its end.</summary>
internal sealed class TextCursor(string text, int at, bool isComplete)
{
    public int At { get; private set; } = at;

    public ReadState State { get; private set; }

    /// <summary>What the text ended without: until one of these comes, reading it again gives the same. Null for no such.</summary>
    public IReadOnlyList<string>? Awaited { get; private set; }

    public bool IsAtEnd => At >= text.Length;

    public char Current => At < text.Length ? text[At] : '\0';

    public bool Fail()
    {
        State = ReadState.Broken;
        return false;
    }

    public bool NeedMore()
    {
        State = isComplete ? ReadState.Broken : ReadState.NeedsMore;
        return false;
    }

    public void SkipSpace()
    {
        while (At < text.Length && char.IsWhiteSpace(text[At]))
            At++;
    }

    public void Move(int count) => At += count;

    /// <summary>Takes the marker, or tells that it cannot come.</summary>
    public bool Take(string marker)
    {
        if (Has(marker))
        {
            At += marker.Length;
            return true;
        }

        return CouldBe(marker) ? NeedMore() : Fail();
    }

    public bool Has(string marker) => string.CompareOrdinal(text, At, marker, 0, marker.Length) == 0 && marker.Length > 0;

    /// <summary>Whether the rest of the text is the beginning of the marker.</summary>
    public bool CouldBe(string marker) =>
        !isComplete && text.Length - At < marker.Length && string.CompareOrdinal(text, At, marker, 0, text.Length - At) == 0;

    /// <summary>The next characters, which it moves past; null, with nothing moved, when there are fewer.</summary>
    public string? Rest(int count)
    {
        if (text.Length - At < count)
            return null;

        At += count;
        return text[(At - count)..At];
    }

    /// <summary>The text up to the first of the markers, which stays.</summary>
    public string? Until(IReadOnlyList<string> markers)
    {
        var end = -1;
        foreach (var marker in markers)
        {
            var found = text.IndexOf(marker, At, StringComparison.Ordinal);
            if (found >= 0 && (end < 0 || found < end))
                end = found;
        }

        // A marker that begins earlier and is not whole yet would come first.
        for (var i = At; i < (end < 0 ? text.Length : end); i++)
        {
            if (!isComplete && markers.Any(marker => text.Length - i < marker.Length && string.CompareOrdinal(text, i, marker, 0, text.Length - i) == 0))
            {
                NeedMore();
                Awaited = markers;
                return null;
            }
        }

        if (end < 0)
        {
            NeedMore();
            Awaited = markers;
            return null;
        }

        var part = text[At..end];
        At = end;
        return part;
    }

    /// <summary>One JSON value; of an unfinished one the beginning, as far as it is valid.</summary>
    public string Json(out bool isWhole)
    {
        isWhole = false;
        var start = At;
        var bytes = Encoding.UTF8.GetBytes(text, start, text.Length - start);
        var reader = new Utf8JsonReader(bytes, isFinalBlock: false, default);
        try
        {
            var depth = 0;
            while (reader.Read())
            {
                depth += reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray ? 1
                    : reader.TokenType is JsonTokenType.EndObject or JsonTokenType.EndArray ? -1 : 0;
                if (depth > 0)
                    continue;

                isWhole = true;
                var value = Encoding.UTF8.GetString(bytes, 0, (int)reader.BytesConsumed);
                At = start + value.Length;
                return value.Trim();
            }
        }
        catch (JsonException)
        {
            Fail();
            return Encoding.UTF8.GetString(bytes, 0, (int)reader.BytesConsumed);
        }

        At = text.Length;
        NeedMore();
        return text[start..];
    }
}
