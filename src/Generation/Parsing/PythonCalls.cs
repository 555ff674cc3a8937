using System.Globalization;
using System.Text;

namespace ModelRunner.Generation.Parsing;

/// <summary>Calls written as Python: <c>[name(key="value", other=1)]</c>.</summary>
internal static class PythonCalls
{
    public static bool Read(TextCursor cursor, CallFormat format, ToolTypes types, List<ParsedCall> calls)
    {
        cursor.SkipSpace();
        if (!format.IsBare && !cursor.Take("["))
            return false;

        while (true)
        {
            cursor.SkipSpace();
            if (cursor.IsAtEnd)
                return cursor.NeedMore();

            if (!ReadCall(cursor, types, format.IsBare, calls))
                return false;

            cursor.SkipSpace();
            if (cursor.Current == ',')
            {
                cursor.Move(1);
                continue;
            }

            if (!cursor.Take("]"))
                return false;

            cursor.SkipSpace();
            return format.IsBare || cursor.Take(format.Close);
        }
    }

    private static bool ReadCall(TextCursor cursor, ToolTypes types, bool isBare, List<ParsedCall> calls)
    {
        var name = ReadName(cursor);
        if (cursor.IsAtEnd)
            return cursor.NeedMore();

        if (name.Length == 0 || cursor.Current != '(' || (isBare && !types.Has(name)))
            return cursor.Fail();

        cursor.Move(1);
        var json = new StringBuilder("{");
        var place = calls.Count;
        calls.Add(new ParsedCall(name, null, "{"));
        while (true)
        {
            cursor.SkipSpace();
            if (cursor.IsAtEnd)
                return cursor.NeedMore();

            if (cursor.Current == ')')
            {
                cursor.Move(1);
                calls[place] = new ParsedCall(name, null, json.Append('}').ToString());
                return true;
            }

            if (json.Length > 1)
            {
                if (!cursor.Take(","))
                    return false;

                cursor.SkipSpace();
            }

            var key = ReadName(cursor);
            cursor.SkipSpace();
            if (!cursor.Take("="))
                return false;

            if (!ReadValue(cursor, out var value, 0))
                return false;

            json.Append(json.Length > 1 ? ", " : "").Append(CallReader.Quote(key)).Append(": ").Append(value);
            calls[place] = new ParsedCall(name, null, json.ToString());
        }
    }

    private static string ReadName(TextCursor cursor)
    {
        var name = new StringBuilder();
        while (!cursor.IsAtEnd && (char.IsLetterOrDigit(cursor.Current) || cursor.Current is '_' or '.' or '-'))
        {
            name.Append(cursor.Current);
            cursor.Move(1);
        }

        return name.ToString();
    }

    /// <summary>A Python literal as JSON.</summary>
    private static bool ReadValue(TextCursor cursor, out string json, int depth)
    {
        json = "";
        cursor.SkipSpace();
        if (cursor.IsAtEnd)
            return cursor.NeedMore();

        switch (cursor.Current)
        {
            case '"' or '\'':
                return ReadText(cursor, out json);
            case '[' or '(' or '{' when depth < 64:
                return BracketReader.Read(cursor, out json, depth, ReadKey, ReadValue);
        }

        var word = ReadWord(cursor);
        if (cursor.IsAtEnd)
            return cursor.NeedMore();

        json = word switch { "True" => "true", "False" => "false", "None" => "null", _ => word };
        return json is "true" or "false" or "null" || double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out _)
            || cursor.Fail();
    }

    private static string ReadWord(TextCursor cursor)
    {
        var word = new StringBuilder();
        while (!cursor.IsAtEnd && (char.IsAsciiLetterOrDigit(cursor.Current) || cursor.Current is '+' or '-' or '.'))
        {
            word.Append(cursor.Current);
            cursor.Move(1);
        }

        return word.ToString();
    }

    private static bool ReadKey(TextCursor cursor, out string json, int depth)
    {
        if (!ReadValue(cursor, out json, depth))
            return false;

        cursor.SkipSpace();
        return cursor.Take(":");
    }

    private static bool ReadText(TextCursor cursor, out string json)
    {
        json = "";
        var quote = cursor.Current;
        cursor.Move(1);
        var text = new StringBuilder();
        while (!cursor.IsAtEnd)
        {
            var character = cursor.Current;
            cursor.Move(1);
            if (character == quote)
            {
                json = CallReader.Quote(text.ToString());
                return true;
            }

            if (character != '\\')
            {
                text.Append(character);
                continue;
            }

            if (cursor.IsAtEnd)
                break;

            var escape = cursor.Current;
            cursor.Move(1);
            var digits = escape switch { 'x' => 2, 'u' => 4, 'U' => 8, _ => 0 };
            if (digits == 0)
                text.Append(escape switch { 'n' => '\n', 't' => '\t', 'r' => '\r', 'b' => '\b', 'f' => '\f', 'v' => '\v', '0' => '\0', var other => other });
            else if (cursor.Rest(digits) is not { } hex)
                break;
            else if (!uint.TryParse(hex, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code) || code > 0x10FFFF)
                return cursor.Fail();
            else if (code > char.MaxValue)
                text.Append(char.ConvertFromUtf32((int)code));
            else
                text.Append((char)code);
        }

        return cursor.NeedMore();
    }
}
