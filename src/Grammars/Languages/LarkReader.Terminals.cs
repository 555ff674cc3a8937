using System.Text;

namespace ModelRunner.Grammars.Languages;

// Strings and patterns as terminals have them.
internal sealed partial class LarkReader
{
    private string ReadString(out bool ignoreCase)
    {
        if (!TryTake('"'))
            throw Error("lacks a string");

        var result = new StringBuilder();
        while (!TryTake('"'))
        {
            var codePoint = TakeCodePoint();
            if (codePoint != '\\')
            {
                result.Append(char.ConvertFromUtf32(codePoint));
                continue;
            }

            var letter = TakeCodePoint();
            result.Append(letter switch
            {
                'n' => "\n",
                'r' => "\r",
                't' => "\t",
                'f' => "\f",
                'x' => ((char)TakeHex(2)).ToString(),
                'u' => ((char)TakeHex(4)).ToString(),
                _ => char.ConvertFromUtf32(letter),
            });
        }

        ignoreCase = TryTake('i');
        return result.ToString();
    }

    private Ebnf.Pattern ReadPattern()
    {
        At++;
        var pattern = new StringBuilder();
        var isInClass = false;
        while (isInClass || Current != '/')
        {
            if (IsAtEnd || Current is '\n')
                throw Error("has a pattern without end");
            if (Current == '\\' && Next == '/')
                At++;
            else if (Current == '\\')
                pattern.Append(Source[At++]);
            else if (Current == '[')
                isInClass = true;
            else if (Current == ']')
                isInClass = false;

            if (IsAtEnd)
                throw Error("has a pattern without end");
            pattern.Append(Source[At++]);
        }

        At++;
        if (char.IsAsciiLetterLower(Current))
            throw Error($"uses the pattern flag '{Current}', which is not supported");

        return new Ebnf.Pattern(pattern.ToString());
    }
}
