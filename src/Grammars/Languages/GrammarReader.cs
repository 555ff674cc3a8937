namespace ModelRunner.Grammars.Languages;

/// <summary>What readers of written grammars share: a place in the text, and errors that name it.</summary>
internal abstract class GrammarReader(string text)
{
    private const int MaxDepth = 200;

    private int _depth;

    protected int At { get; set; }

    protected bool IsAtEnd => At >= text.Length;

    protected char Current => At < text.Length ? text[At] : '\0';

    protected char Next => At + 1 < text.Length ? text[At + 1] : '\0';

    protected string Source => text;

    protected bool TryTake(char letter)
    {
        if (IsAtEnd || Current != letter)
            return false;

        At++;
        return true;
    }

    protected bool TryTake(string word)
    {
        if (string.CompareOrdinal(text, At, word, 0, word.Length) != 0)
            return false;

        At += word.Length;
        return true;
    }

    /// <summary>A code point as it stands.</summary>
    protected int TakeCodePoint()
    {
        if (IsAtEnd)
            throw Error("ends in the middle");
        if (!System.Text.Rune.TryGetRuneAt(text, At, out var rune))
            throw Error("holds half of a surrogate pair");

        At += rune.Utf16SequenceLength;
        return rune.Value;
    }

    protected int TakeHex(int length)
    {
        var value = 0;
        for (var i = 0; i < length; i++, At++)
        {
            if (!char.IsAsciiHexDigit(Current))
                throw Error("has a malformed hexadecimal escape");
            value = (value * 16) + Convert.ToInt32(Current.ToString(), 16);
        }

        return value is >= 0 and <= 0x10FFFF ? value : throw Error("has an escape beyond Unicode");
    }

    protected int TakeNumber()
    {
        if (!char.IsAsciiDigit(Current))
            throw Error("lacks a number");

        var value = 0L;
        for (; char.IsAsciiDigit(Current); At++)
            value = Math.Min((value * 10) + Current - '0', int.MaxValue - 1);

        return (int)value;
    }

    protected void Enter()
    {
        if (++_depth > MaxDepth)
            throw Error("is nested too deeply");
    }

    protected void Leave() => _depth--;

    protected GrammarSyntaxException Error(string what)
    {
        var line = 1 + text.AsSpan(0, Math.Min(At, text.Length)).Count('\n');
        return new GrammarSyntaxException($"The grammar {what} (line {line}).");
    }
}
