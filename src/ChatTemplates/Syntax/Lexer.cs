using System.Globalization;
using static ModelRunner.ChatTemplates.Syntax.TokenKind;

namespace ModelRunner.ChatTemplates.Syntax;

/// <summary>
/// Splits a template into tokens, with the whitespace rules that chat templates are written for: the newline after a
/// block goes, and so do the blanks before one that stands alone on its line (<c>trim_blocks</c>,
/// <c>lstrip_blocks</c>).
/// </summary>
internal sealed partial class Lexer
{
    private readonly string _source;
    private readonly List<Token> _tokens = [];
    private readonly List<int> _lineStarts = [0];
    private int _at;

    // Whether the last tag took the newline after it, so that the text that follows begins a line.
    private bool _isLineStart = true;

    private Lexer(string source)
    {
        _source = Normalize(source);
        for (var i = 0; i < _source.Length; i++)
            if (_source[i] == '\n')
                _lineStarts.Add(i + 1);
    }

    /// <exception cref="TemplateException">The text is no template.</exception>
    public static List<Token> Read(string source)
    {
        var lexer = new Lexer(source);
        lexer.ReadAll();
        return lexer._tokens;
    }

    private static string Normalize(string source)
    {
        var text = source.Contains('\r') ? source.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n') : source;
        return text.EndsWith('\n') ? text[..^1] : text;
    }

    private void ReadAll()
    {
        while (_at < _source.Length)
        {
            var tag = FindTag();
            if (tag < 0)
            {
                AddData(_at, _source.Length);
                break;
            }

            ReadTag(tag);
        }

        _tokens.Add(new Token(End, "", PlaceOf(_source.Length)));
    }

    private int FindTag()
    {
        for (var i = _source.IndexOf('{', _at); i >= 0 && i + 1 < _source.Length; i = _source.IndexOf('{', i + 1))
            if (_source[i + 1] is '{' or '%' or '#')
                return i;

        return -1;
    }

    private void ReadTag(int tag)
    {
        var kind = _source[tag + 1];
        var sign = tag + 2 < _source.Length ? _source[tag + 2] : '\0';
        AddData(_at, EndOfDataBefore(_at, tag, sign, isVariable: kind == '{'));
        _at = tag + (sign is '-' or '+' ? 3 : 2);
        if (kind == '#')
        {
            SkipComment(tag);
        }
        else if (kind == '%' && TryReadRaw(tag))
        {
        }
        else
        {
            _tokens.Add(new Token(kind == '{' ? VariableBegin : BlockBegin, _source.Substring(tag, 2), PlaceOf(tag)));
            ReadExpression(kind == '{');
        }
    }

    /// <summary>Where the text before a tag ends once its whitespace is stripped.</summary>
    private int EndOfDataBefore(int start, int tag, char sign, bool isVariable)
    {
        if (sign == '-')
        {
            var end = tag;
            while (end > start && IsSpace(_source[end - 1]))
                end--;

            return end;
        }

        if (sign == '+' || isVariable)
            return tag;

        var line = tag;
        while (line > start && _source[line - 1] != '\n')
            line--;

        if (line == start && !_isLineStart)
            return tag;

        for (var i = line; i < tag; i++)
            if (!IsSpace(_source[i]))
                return tag;

        return line;
    }

    private void SkipComment(int tag)
    {
        var end = _source.IndexOf("#}", _at, StringComparison.Ordinal);
        if (end < 0)
            throw Error("Missing end of comment tag", tag);

        var sign = end > _at ? _source[end - 1] : '\0';
        _at = end + 2;
        FinishTag(sign, trims: true);
    }

    /// <summary>After the end of a tag: <c>-</c> takes all whitespace, <c>+</c> none, otherwise one newline goes.</summary>
    private void FinishTag(char sign, bool trims)
    {
        if (sign == '-')
        {
            while (_at < _source.Length && IsSpace(_source[_at]))
                _at++;
        }
        else if (trims && sign != '+' && _at < _source.Length && _source[_at] == '\n')
        {
            _at++;
        }

        _isLineStart = _source[_at - 1] == '\n';
    }

    private bool TryReadRaw(int tag)
    {
        if (!TryMatchTag(_at, "raw", out var end, out var sign) || sign == '+')
            return false;

        _at = end;
        FinishTag(sign, trims: false);
        for (var i = _source.IndexOf("{%", _at, StringComparison.Ordinal); i >= 0; i = _source.IndexOf("{%", i + 2, StringComparison.Ordinal))
        {
            var opening = i + 2 < _source.Length ? _source[i + 2] : '\0';
            if (!TryMatchTag(i + (opening is '-' or '+' ? 3 : 2), "endraw", out end, out sign))
                continue;

            AddData(_at, EndOfDataBefore(_at, i, opening, isVariable: false));
            _at = end;
            FinishTag(sign, trims: true);
            return true;
        }

        throw Error("Missing end of raw directive", tag);
    }

    private bool TryMatchTag(int at, string name, out int end, out char sign)
    {
        end = 0;
        sign = '\0';
        while (at < _source.Length && IsSpace(_source[at]))
            at++;

        if (string.CompareOrdinal(_source, at, name, 0, name.Length) != 0)
            return false;

        at += name.Length;
        while (at < _source.Length && IsSpace(_source[at]))
            at++;

        if (at < _source.Length && _source[at] is '-' or '+')
            sign = _source[at++];

        end = at + 2;
        return string.CompareOrdinal(_source, at, "%}", 0, 2) == 0;
    }

    private void AddData(int start, int end)
    {
        if (end > start)
            _tokens.Add(new Token(Data, _source[start..end], PlaceOf(start)));
    }

    internal TemplateException Error(string message, int at)
    {
        var place = PlaceOf(at);
        return new TemplateException(TemplateFailure.Syntax, message, place.Line, place.Column);
    }

    private Position PlaceOf(int at)
    {
        var line = _lineStarts.BinarySearch(at);
        if (line < 0)
            line = ~line - 1;

        return new Position(line + 1, at - _lineStarts[line] + 1);
    }

    /// <summary>Python's <c>str.isspace</c>.</summary>
    internal static bool IsSpace(char character) =>
        char.IsWhiteSpace(character) || character is >= '\u001c' and <= '\u001f';

    private static bool IsNamePart(char character) =>
        character == '_' || char.IsLetterOrDigit(character)
        || char.GetUnicodeCategory(character) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.LetterNumber;
}
