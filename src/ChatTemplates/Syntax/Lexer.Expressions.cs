using static ModelRunner.ChatTemplates.Syntax.TokenKind;

namespace ModelRunner.ChatTemplates.Syntax;

// The tokens of an expression: names, numbers, texts and operators.
internal sealed partial class Lexer
{
    private static readonly string[] Operators =
    [
        "//", "**", "==", "!=", "<=", ">=",
        "+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{", "}", "=", ">", "<", ".", ":", "|", ",", ";",
    ];

    private void ReadExpression(bool isVariable)
    {
        var close = isVariable ? "}}" : "%}";
        var open = new Stack<char>();
        while (true)
        {
            while (_at < _source.Length && IsSpace(_source[_at]))
                _at++;

            if (_at >= _source.Length)
                throw Error($"The template ends inside a tag; '{close}' is missing", _source.Length);

            if (open.Count == 0 && TryReadClose(close, isVariable))
                return;

            ReadToken(open);
        }
    }

    private bool TryReadClose(string close, bool isVariable)
    {
        var sign = _source[_at] == '-' || (!isVariable && _source[_at] == '+') ? _source[_at] : '\0';
        var at = sign == '\0' ? _at : _at + 1;
        if (string.CompareOrdinal(_source, at, close, 0, 2) != 0)
            return false;

        _tokens.Add(new Token(isVariable ? VariableEnd : BlockEnd, close, PlaceOf(_at)));
        _at = at + 2;
        FinishTag(sign, trims: !isVariable);
        return true;
    }

    private void ReadToken(Stack<char> open)
    {
        var start = _at;
        var first = _source[_at];
        if (first is '\'' or '"')
        {
            _tokens.Add(new Token(Text, StringLiteral.Read(this, _source, ref _at), PlaceOf(start)));
        }
        else if (char.IsAsciiDigit(first))
        {
            ReadNumber(start);
        }
        else if (IsNamePart(first))
        {
            while (_at < _source.Length && IsNamePart(_source[_at]))
                _at++;

            _tokens.Add(new Token(Name, _source[start.._at], PlaceOf(start)));
        }
        else
        {
            ReadOperator(open, start);
        }
    }

    private void ReadOperator(Stack<char> open, int start)
    {
        foreach (var sign in Operators)
        {
            if (string.CompareOrdinal(_source, _at, sign, 0, sign.Length) != 0)
                continue;

            switch (sign)
            {
                case "(" or "[" or "{":
                    open.Push(sign[0] switch { '(' => ')', '[' => ']', _ => '}' });
                    break;
                case ")" or "]" or "}":
                    if (!open.TryPop(out var expected))
                        throw Error($"unexpected '{sign}'", start);

                    if (expected != sign[0])
                        throw Error($"unexpected '{sign}', expected '{expected}'", start);

                    break;
            }

            _at += sign.Length;
            _tokens.Add(new Token(Operator, sign, PlaceOf(start)));
            return;
        }

        throw Error($"unexpected char '{_source[start]}'", start);
    }

    private void ReadNumber(int start)
    {
        // After a dot a number is an index, never a fraction: a.1.2.
        var canBeFloat = start == 0 || _source[start - 1] != '.';
        if (_source[start] == '0' && start + 1 < _source.Length && "bBoOxX".Contains(_source[start + 1]))
        {
            var digits = _source[start + 1] is 'x' or 'X' ? "0123456789abcdefABCDEF" : _source[start + 1] is 'o' or 'O' ? "01234567" : "01";
            var end = SkipDigits(start + 2, digits, canStartWithUnderscore: true);
            if (end > start + 2)
            {
                _at = end;
                _tokens.Add(new Token(Integer, _source[start..end].Replace("_", "", StringComparison.Ordinal), PlaceOf(start)));
                return;
            }
        }

        var whole = SkipDigits(start, "0123456789");
        var isFloat = false;
        var stop = whole;
        if (canBeFloat)
        {
            if (stop + 1 < _source.Length && _source[stop] == '.' && char.IsAsciiDigit(_source[stop + 1]))
            {
                stop = SkipDigits(stop + 1, "0123456789");
                isFloat = true;
            }

            if (stop < _source.Length && _source[stop] is 'e' or 'E')
            {
                var exponent = stop + 1;
                if (exponent < _source.Length && _source[exponent] is '+' or '-')
                    exponent++;

                if (exponent < _source.Length && char.IsAsciiDigit(_source[exponent]))
                {
                    stop = SkipDigits(exponent, "0123456789");
                    isFloat = true;
                }
            }
        }

        if (!isFloat && _source[start] == '0')
        {
            // 007 is 0 followed by 7 in the reference, which no grammar accepts; 00 is 0.
            stop = SkipDigits(start, "0");
        }

        _at = stop;
        _tokens.Add(new Token(isFloat ? Float : Integer, _source[start..stop].Replace("_", "", StringComparison.Ordinal), PlaceOf(start)));
    }

    private int SkipDigits(int at, string digits, bool canStartWithUnderscore = false)
    {
        var canUnderscore = canStartWithUnderscore;
        while (at < _source.Length)
        {
            if (digits.Contains(_source[at]))
                at++;
            else if (_source[at] == '_' && canUnderscore && at + 1 < _source.Length && digits.Contains(_source[at + 1]))
                at += 2;
            else
                break;

            canUnderscore = true;
        }

        return at;
    }
}
