namespace ModelRunner.Generation.Parsing;

/// <summary>A JSON string that has not come to its end: most of what long arguments are made of.</summary>
internal sealed class OpenJsonText
{
    private const string Escapes = "\"\\/bfnrt";

    // 0 outside of an escape, 1 behind a backslash, and the hexadecimal digits that are still to come, and one.
    private int _escape;

    private OpenJsonText(int escape) => _escape = escape;

    /// <summary>The string at the end of the beginning of a JSON value; null when that ends elsewhere.</summary>
    public static OpenJsonText? Find(string json)
    {
        OpenJsonText? open = null;
        for (var i = 0; i < json.Length; i++)
        {
            if (open is null)
                open = json[i] == '"' ? new OpenJsonText(0) : null;
            else if (!open.TryPush(json.AsSpan(i, 1)))
                open = null;
        }

        return open;
    }

    /// <summary>Goes on with it. False, with nothing taken in, when it ends, or is broken.</summary>
    public bool TryPush(ReadOnlySpan<char> text)
    {
        var escape = _escape;
        foreach (var letter in text)
        {
            switch (escape)
            {
                case 0 when letter is '"' or < ' ':
                    return false;
                case 0:
                    escape = letter == '\\' ? 1 : 0;
                    break;
                case 1 when letter == 'u':
                    escape = 5;
                    break;
                case 1 when Escapes.Contains(letter, StringComparison.Ordinal):
                    escape = 0;
                    break;
                case > 1 when char.IsAsciiHexDigit(letter):
                    escape = escape == 2 ? 0 : escape - 1;
                    break;
                default:
                    return false;
            }
        }

        _escape = escape;
        return true;
    }
}
