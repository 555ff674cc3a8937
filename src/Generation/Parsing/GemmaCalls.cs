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
            return BracketReader.Read(cursor, out json, depth, ReadKey, ReadValue);

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

    private static bool ReadKey(TextCursor cursor, out string json, int depth)
    {
        json = "";
        if (cursor.Current == '"')
        {
            json = cursor.Json(out var isWhole);
            if (!isWhole)
                return false;

            cursor.SkipSpace();
            return cursor.Take(":");
        }

        if (cursor.Until([":"]) is not { } key)
            return false;

        cursor.Move(1);
        foreach (var quote in Quotes)
            key = key.Replace(quote, "", StringComparison.Ordinal);

        json = CallReader.Quote(key.Trim());
        return true;
    }
}
