using System.Text;

namespace ModelRunner.Generation.Parsing;

/// <summary>Calls of Gemma: <c>name{key:&lt;|"|&gt;text&lt;|"|&gt;,other:1}</c>.</summary>
internal static class GemmaCalls
{
    private static readonly string[] Quotes = ["<|\"|>", "<escape>"];

    public static bool Read(TextCursor cursor, CallFormat format, List<ParsedCall> calls)
    {
        if (cursor.Until(["{"]) is not { } name)
            return false;

        calls.Add(new ParsedCall(name.Trim(), null, ""));
        if (!ReadValue(cursor, out var json, 0))
            return false;

        calls[^1] = new ParsedCall(name.Trim(), null, json);
        cursor.SkipSpace();
        return cursor.Take(format.Close);
    }

    private static bool ReadValue(TextCursor cursor, out string json, int depth)
    {
        json = "";
        cursor.SkipSpace();
        foreach (var quote in Quotes)
        {
            if (cursor.CouldBe(quote))
                return cursor.NeedMore();

            if (!cursor.Has(quote))
                continue;

            cursor.Move(quote.Length);
            if (cursor.Until([quote]) is not { } text)
                return false;

            cursor.Move(quote.Length);
            json = CallReader.Quote(text);
            return true;
        }

        if (cursor.IsAtEnd)
            return cursor.NeedMore();

        if (cursor.Current is '{' or '[' && depth < 64)
            return ReadMany(cursor, out json, depth);

        if (cursor.Current == '"')
        {
            json = cursor.Json(out var isWhole);
            return isWhole;
        }

        if (cursor.Until([",", "}", "]"]) is not { } word)
            return false;

        json = word.Trim();
        if (json is not ("true" or "false" or "null") && !double.TryParse(json, System.Globalization.CultureInfo.InvariantCulture, out _))
            json = CallReader.Quote(json);

        return true;
    }

    private static string? ReadKey(TextCursor cursor)
    {
        if (cursor.Current == '"')
        {
            var json = cursor.Json(out var isWhole);
            if (!isWhole)
                return null;

            cursor.SkipSpace();
            return cursor.Take(":") ? json : null;
        }

        if (cursor.Until([":"]) is not { } key)
            return null;

        cursor.Move(1);
        foreach (var quote in Quotes)
            key = key.Replace(quote, "", StringComparison.Ordinal);

        return CallReader.Quote(key.Trim());
    }

    private static bool ReadMany(TextCursor cursor, out string json, int depth)
    {
        var isObject = cursor.Current == '{';
        var close = isObject ? '}' : ']';
        cursor.Move(1);
        var builder = new StringBuilder(isObject ? "{" : "[");
        json = "";
        while (true)
        {
            cursor.SkipSpace();
            if (cursor.IsAtEnd)
                return cursor.NeedMore();

            if (cursor.Current == close)
            {
                cursor.Move(1);
                json = builder.Append(close).ToString();
                return true;
            }

            if (builder.Length > 1)
            {
                if (!cursor.Take(","))
                    return false;

                cursor.SkipSpace();
                builder.Append(", ");
            }

            if (isObject)
            {
                if (ReadKey(cursor) is not { } key)
                    return false;

                builder.Append(key).Append(": ");
            }

            if (!ReadValue(cursor, out var value, depth + 1))
                return false;

            builder.Append(value);
        }
    }
}
