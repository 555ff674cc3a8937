using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;

namespace ModelRunner.ChatTemplates.Values;

/// <summary>Values of JSON text. All texts in it count as input.</summary>
internal static class JsonValueReader
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = 256 };

    public static Value Read(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, Options);
        try
        {
            reader.Read();
            return ReadValue(ref reader);
        }
        catch (JsonException exception)
        {
            throw TemplateException.Runtime($"A variable is no JSON value: {exception.Message}");
        }
    }

    private static Value ReadValue(ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                var dictionary = new DictionaryValue();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
                {
                    var key = ReadText(ref reader);
                    reader.Read();
                    dictionary.Set(key, ReadValue(ref reader));
                }

                return dictionary;
            case JsonTokenType.StartArray:
                var items = new List<Value>();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                    items.Add(ReadValue(ref reader));

                return new ListValue(items, isTuple: false);
            case JsonTokenType.String:
                return ReadText(ref reader);
            case JsonTokenType.Number:
                return ReadNumber(Encoding.UTF8.GetString(reader.ValueSpan));
            case JsonTokenType.True:
                return BooleanValue.True;
            case JsonTokenType.False:
                return BooleanValue.False;
            default:
                return NoneValue.Instance;
        }
    }

    private static Value ReadNumber(string text)
    {
        if (!text.AsSpan().ContainsAny('.', 'e', 'E'))
        {
            if (text.Length > Arithmetic.MaxDigits)
                throw TemplateException.Runtime($"A number has more than {Arithmetic.MaxDigits} digits.");

            return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var small)
                ? IntegerValue.Of(small)
                : IntegerValue.Of(BigInteger.Parse(text, CultureInfo.InvariantCulture));
        }

        return new FloatValue(double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture), text);
    }

    private static TextValue ReadText(ref Utf8JsonReader reader)
    {
        if (!reader.ValueIsEscaped)
            return new TextValue(Encoding.UTF8.GetString(reader.ValueSpan), TextMarks.Input);

        return new TextValue(Unescape(Encoding.UTF8.GetString(reader.ValueSpan)), TextMarks.Input);
    }

    // The reader refuses half a surrogate pair, which Python's keeps: it becomes U+FFFD when the prompt is encoded.
    private static string Unescape(string text)
    {
        var builder = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\')
            {
                builder.Append(text[i]);
                continue;
            }

            i++;
            switch (text[i])
            {
                case 'n': builder.Append('\n'); break;
                case 'r': builder.Append('\r'); break;
                case 't': builder.Append('\t'); break;
                case 'b': builder.Append('\b'); break;
                case 'f': builder.Append('\f'); break;
                case 'u':
                    builder.Append((char)ushort.Parse(text.AsSpan(i + 1, 4), NumberStyles.HexNumber, CultureInfo.InvariantCulture));
                    i += 4;
                    break;
                default: builder.Append(text[i]); break;
            }
        }

        return builder.ToString();
    }
}
