using System.Globalization;
using System.Text;

namespace ModelRunner.ChatTemplates.Syntax;

/// <summary>Python's string escapes.</summary>
internal static class StringLiteral
{
    /// <summary>Reads a literal and moves past its closing quote.</summary>
    public static string Read(Lexer lexer, string source, ref int at)
    {
        var start = at;
        var quote = source[at++];
        var end = at;
        while (end < source.Length && source[end] != quote)
            end += source[end] == '\\' ? 2 : 1;

        if (end >= source.Length)
            throw lexer.Error("A string literal has no end", start);

        var body = source.AsSpan(at, end - at);
        at = end + 1;
        return body.Contains('\\') ? Unescape(lexer, body.ToString(), start) : body.ToString();
    }

    private static string Unescape(Lexer lexer, string body, int start)
    {
        var builder = new StringBuilder(body.Length);
        for (var i = 0; i < body.Length; i++)
        {
            if (body[i] != '\\')
            {
                builder.Append(body[i]);
                continue;
            }

            var escape = body[++i];
            switch (escape)
            {
                case '\n': break;
                case '\\' or '\'' or '"': builder.Append(escape); break;
                case 'a': builder.Append('\a'); break;
                case 'b': builder.Append('\b'); break;
                case 'f': builder.Append('\f'); break;
                case 'n': builder.Append('\n'); break;
                case 'r': builder.Append('\r'); break;
                case 't': builder.Append('\t'); break;
                case 'v': builder.Append('\v'); break;
                case 'x': AppendCode(2); break;
                case 'u': AppendCode(4); break;
                case 'U': AppendCode(8); break;
                case 'N': throw lexer.Error("Characters by name are not supported; write \\u and the code", start);
                case >= '0' and <= '7':
                    var code = 0;
                    var digits = 0;
                    for (; digits < 3 && i + digits < body.Length && body[i + digits] is >= '0' and <= '7'; digits++)
                        code = (code * 8) + body[i + digits] - '0';

                    builder.Append((char)code);
                    i += digits - 1;
                    break;
                default:
                    builder.Append('\\').Append(escape);
                    break;
            }

            void AppendCode(int digits)
            {
                if (i + digits >= body.Length
                    || !uint.TryParse(body.AsSpan(i + 1, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code)
                    || code > 0x10FFFF)
                {
                    throw lexer.Error($"A string literal has a \\{escape} without its {digits} hexadecimal digits", start);
                }

                if (code > 0xFFFF)
                    builder.Append(char.ConvertFromUtf32((int)code));
                else
                    builder.Append((char)code);

                i += digits;
            }
        }

        return builder.ToString();
    }
}
