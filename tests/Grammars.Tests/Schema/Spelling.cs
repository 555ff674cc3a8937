using System.Globalization;
using System.Text;
using System.Text.Json;

namespace ModelRunner.Grammars.Tests.Schema;

/// <summary>Writes a value in one of its many spellings.</summary>
internal static class Spelling
{
    private static readonly string[] Spaces = ["", "", " ", "\n", "\n  ", "\r\n\t"];

    public static string Write(JsonElement value, Random random)
    {
        var text = new StringBuilder();
        Write(value, text, random);
        return text.ToString();
    }

    private static void Write(JsonElement value, StringBuilder text, Random random)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                var members = value.EnumerateObject().ToArray();
                random.Shuffle(members);
                WriteAll('{', '}', members, member =>
                {
                    WriteText(member.Name, text, random);
                    text.Append(Space(random)).Append(':').Append(Space(random));
                    Write(member.Value, text, random);
                });
                break;
            case JsonValueKind.Array:
                WriteAll('[', ']', [.. value.EnumerateArray()], item => Write(item, text, random));
                break;
            case JsonValueKind.String:
                WriteText(value.GetString()!, text, random);
                break;
            case JsonValueKind.Number:
                var number = value.GetRawText();
                text.Append(number);
                if (random.Next(3) == 0)
                    text.Append(number.Contains('.') ? "0" : ".00");
                break;
            default:
                text.Append(value.GetRawText());
                break;
        }

        void WriteAll<T>(char open, char close, T[] items, Action<T> write)
        {
            text.Append(open).Append(items.Length == 0 ? "" : Space(random));
            for (var i = 0; i < items.Length; i++)
            {
                if (i > 0)
                    text.Append(Space(random)).Append(',').Append(Space(random));
                write(items[i]);
            }

            text.Append(items.Length == 0 ? "" : Space(random)).Append(close);
        }
    }

    private static void WriteText(string value, StringBuilder text, Random random)
    {
        text.Append('"');
        foreach (var letter in value)
        {
            if (letter == '"')
                text.Append("\\\"");
            else if (random.Next(4) == 0)
                text.Append("\\u").Append(((int)letter).ToString(random.Next(2) == 0 ? "x4" : "X4", CultureInfo.InvariantCulture));
            else
                text.Append(letter);
        }

        text.Append('"');
    }

    private static string Space(Random random) => Spaces[random.Next(Spaces.Length)];
}
