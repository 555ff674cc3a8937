using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace ModelRunner.Generation.Parsing;

/// <summary>
/// Reads a section of calls that may not have come to its end. A longer text gives the same calls with longer
/// arguments, so that what has been told stays true.
/// </summary>
internal sealed class CallReader(CallFormat format, ToolTypes types)
{
    private static readonly SearchValues<char> NotInNames = SearchValues.Create(" \n<>{}[]\"'");
    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>What the last text ended without: until one of these comes, reading it again gives the same. Null for no such.</summary>
    public IReadOnlyList<string>? Awaited { get; private set; }

    /// <param name="text">The output.</param>
    /// <param name="start">Where the section's opening stands.</param>
    /// <param name="isComplete">Whether nothing follows the text.</param>
    /// <param name="calls">The calls so far; a name is whole before it is told.</param>
    /// <param name="end">Where the section ends, when it is read.</param>
    public ReadState Read(string text, int start, bool isComplete, out List<ParsedCall> calls, out int end)
    {
        calls = [];
        var cursor = new TextCursor(text, start, isComplete);

        // A bare call has no marker: its first character is part of it.
        if (!format.IsBare || format.Syntax == CallSyntax.Python)
            cursor.Move(format.Open.Length);

        var isRead = format.Syntax switch
        {
            CallSyntax.Python => PythonCalls.Read(cursor, format, types, calls),
            CallSyntax.Gemma => GemmaCalls.Read(cursor, format, calls),
            _ => ReadSection(cursor, calls),
        };
        end = cursor.At;
        Awaited = isRead || cursor.State != ReadState.NeedsMore ? null : cursor.Awaited;
        if (format.IsBare && calls.Exists(call => !types.Has(call.Name)))
        {
            calls.Clear();
            return ReadState.Broken;
        }

        return isRead ? ReadState.Fine : cursor.State;
    }

    private bool ReadSection(TextCursor cursor, List<ParsedCall> calls)
    {
        while (true)
        {
            cursor.SkipSpace();
            if (cursor.IsAtEnd)
                return calls.Count > 0 && format.Close.Length == 0 ? true : cursor.NeedMore();

            if (format.CallOpen.Length > 0)
            {
                if (calls.Count > 0 && (cursor.Has(format.Close) || (format.Close.Length > 0 && cursor.CouldBe(format.Close))))
                    return cursor.Take(format.Close);

                if (!cursor.Take(format.CallOpen))
                    return false;
            }

            if (!ReadCall(cursor, calls))
                return false;

            cursor.SkipSpace();
            if (format.CallClose.Length > 0 && !cursor.Take(format.CallClose))
                return false;

            cursor.SkipSpace();
            if (format.Close.Length == 0)
                return format.CallOpen.Length == 0 ? true : cursor.NeedMore();

            if (cursor.Has(format.Close))
                return cursor.Take(format.Close);

            // The end of generation may stand for the closing marker, which is a control token then.
            if (cursor.IsAtEnd || cursor.CouldBe(format.Close))
                return cursor.NeedMore();

            if (format.CallOpen.Length == 0)
                return cursor.Fail();
        }
    }

    private bool ReadCall(TextCursor cursor, List<ParsedCall> calls)
    {
        cursor.SkipSpace();
        var isFenced = format.NameEnds.Count == 0 && format.Fence.Open.Length > 0;
        if (isFenced)
        {
            if (!cursor.Take(format.Fence.Open))
                return false;

            cursor.SkipSpace();
        }

        if (cursor.IsAtEnd)
            return cursor.NeedMore();

        if (cursor.Current is not ('{' or '['))
            return format.NameEnds.Count > 0 ? ReadNamed(cursor, calls) : cursor.Fail();

        if (!ReadJson(cursor, calls))
            return false;

        cursor.SkipSpace();
        return !isFenced || cursor.Take(format.Fence.Close);
    }

    private bool ReadJson(TextCursor cursor, List<ParsedCall> calls)
    {
        // Llama writes several calls with semicolons between.
        var json = cursor.Json(out var isWhole);
        if (!JsonCalls.Read(json, isWhole, format, calls))
            return cursor.State == ReadState.NeedsMore ? false : cursor.Fail();

        return isWhole;
    }

    private bool ReadNamed(TextCursor cursor, List<ParsedCall> calls)
    {
        if (cursor.Until(format.NameEnds) is not { } written)
            return false;

        var (name, id) = CleanName(written);
        if (name.Length == 0 || name.Length > 256 || name.AsSpan().ContainsAny(NotInNames))
            return cursor.Fail();

        foreach (var marker in format.NameEnds)
        {
            if (marker == "{" || marker == format.ParameterOpen || marker == format.Close || marker == format.CallClose || !cursor.Has(marker))
                continue;

            cursor.Move(marker.Length);
            break;
        }

        if (format.IdOpen.Length > 0 && written.Length > 0 && format.NameEnds[0] == format.IdOpen && id is null && TryReadId(cursor, ref id) is { } state)
            return state;

        cursor.SkipSpace();
        if (format.Fence.Open.Length > 0)
        {
            if (!cursor.Take(format.Fence.Open))
                return false;

            cursor.SkipSpace();
        }

        if (cursor.IsAtEnd && format.Close.Length + format.CallClose.Length + format.ParameterOpen.Length > 0)
            return cursor.NeedMore();

        if (cursor.Current == '{')
        {
            var place = calls.Count;
            calls.Add(new ParsedCall(name, id, ""));
            var json = cursor.Json(out var isWhole);
            calls[place] = new ParsedCall(name, id, json);
            if (!isWhole)
                return false;

            cursor.SkipSpace();
            return format.Fence.Close.Length == 0 || cursor.Take(format.Fence.Close);
        }

        return format.ParameterOpen.Length > 0 ? ReadParameters(cursor, name, id, calls) : cursor.IsAtEnd ? cursor.NeedMore() : cursor.Fail();
    }

    // The id stands before the arguments.
    private static bool? TryReadId(TextCursor cursor, ref string? id)
    {
        if (cursor.Has("{") || cursor.Has("["))
        {
            if (cursor.Has("[ARGS]"))
                cursor.Move(6);

            return null;
        }

        if (cursor.Until(["[ARGS]", "{"]) is not { } written)
            return false;

        if (written.Length > 0)
            id = written;

        if (cursor.Has("[ARGS]"))
            cursor.Move(6);

        return null;
    }

    private bool ReadParameters(TextCursor cursor, string name, string? id, List<ParsedCall> calls)
    {
        var end = format.CallClose.Length > 0 ? format.CallClose : format.Close;
        var json = new StringBuilder("{");
        var place = calls.Count;
        calls.Add(new ParsedCall(name, id, "{"));
        while (true)
        {
            cursor.SkipSpace();
            if (cursor.Has(end))
            {
                calls[place] = new ParsedCall(name, id, json.Append('}').ToString());
                return true;
            }

            if (cursor.IsAtEnd || cursor.CouldBe(end))
                return cursor.NeedMore();

            if (!cursor.Take(format.ParameterOpen) || cursor.Until([format.KeyEnd]) is not { } key)
                return false;

            // DSML tells beside the key whether the value is a text.
            bool? isText = key.Contains("string=\"true\"", StringComparison.Ordinal) ? true
                : key.Contains("string=\"false\"", StringComparison.Ordinal) ? false : null;
            key = key.Split('"')[0].Trim();
            cursor.Move(format.KeyEnd.Length);
            if (format.ValueOpen.Length > 0)
            {
                cursor.SkipSpace();
                if (!cursor.Take(format.ValueOpen))
                    return false;
            }

            if (cursor.Until([format.ValueClose]) is not { } value)
                return false;

            cursor.Move(format.ValueClose.Length);
            if (json.Length > 1)
                json.Append(", ");

            json.Append(Quote(key)).Append(": ").Append(types.ToJson(name, key, Unpad(value), isText));
            calls[place] = new ParsedCall(name, id, json.ToString());
        }
    }

    // One newline on either side belongs to the markup.
    private static string Unpad(string value)
    {
        if (value.StartsWith('\n'))
            value = value[1..];

        return value.EndsWith('\n') ? value[..^1] : value;
    }

    private (string Name, string? Id) CleanName(string written)
    {
        var name = written.Trim();
        var space = name.AsSpan().IndexOfAny(" <");
        if (space > 0)
            name = name[..space];

        var id = format.HasIndexedNames ? name : null;
        if (format.NamePrefix.Length > 0 && name.StartsWith(format.NamePrefix, StringComparison.Ordinal))
            name = name[format.NamePrefix.Length..];

        if (format.HasIndexedNames && name.LastIndexOf(':') is > 0 and var colon)
            name = name[..colon];

        return (name, id);
    }

    internal static string Quote(string text)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, Relaxed))
            writer.WriteStringValue(text);

        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }
}
