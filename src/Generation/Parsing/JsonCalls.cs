using System.Text;
using System.Text.Json;

namespace ModelRunner.Generation.Parsing;

/// <summary>Calls inside one JSON value: an object with the name and the arguments, or an array of such.</summary>
internal static class JsonCalls
{
    /// <param name="json">The value, or its beginning.</param>
    /// <param name="isWhole">Whether it is all of the value.</param>
    /// <param name="format">How the calls are written.</param>
    /// <param name="calls">Receives the calls.</param>
    /// <returns>False when the text is no call.</returns>
    public static bool Read(string json, bool isWhole, CallFormat format, List<ParsedCall> calls)
    {
        var bytes = Encoding.UTF8.GetBytes(json);
        var reader = new Utf8JsonReader(bytes, isFinalBlock: isWhole, default);
        try
        {
            if (!reader.Read())
                return true;

            if (reader.TokenType == JsonTokenType.StartObject)
                return ReadObject(ref reader, bytes, format, calls) || !isWhole;

            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                if (reader.TokenType != JsonTokenType.StartObject)
                    return false;

                if (!ReadObject(ref reader, bytes, format, calls))
                    return !isWhole;
            }

            return !isWhole || calls.Count > 0;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    // False when the object is not whole, or has no name.
    private static bool ReadObject(ref Utf8JsonReader reader, byte[] bytes, CallFormat format, List<ParsedCall> calls)
    {
        var isNameKey = format.Syntax == CallSyntax.NameAsKey;
        string? name = null;
        string? id = null;
        string? arguments = null;
        var isWhole = false;
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.EndObject)
            {
                isWhole = true;
                break;
            }

            var key = reader.GetString()!;
            var start = (int)reader.BytesConsumed;
            if (isNameKey || key is "arguments" or "parameters" or "args" || key == format.ArgumentsKey)
            {
                if (isNameKey)
                    name = key;

                arguments = ReadRaw(ref reader, bytes, start, out var isValueWhole);
                if (!isValueWhole)
                    break;
            }
            else if (!reader.Read())
            {
                break;
            }
            else if ((key is "name" or "tool_name" || key == format.NameKey) && reader.TokenType == JsonTokenType.String)
            {
                name = reader.GetString();
            }
            else if ((key is "id" or "tool_call_id" || key == format.IdKey) && reader.TokenType == JsonTokenType.String)
            {
                id = reader.GetString();
            }
            else if (key == "function" && reader.TokenType == JsonTokenType.StartObject)
            {
                if (!ReadObject(ref reader, bytes, format, calls))
                    return false;

                name = calls[^1].Name;
                arguments = calls[^1].Arguments;
                calls.RemoveAt(calls.Count - 1);
            }
            else if (!reader.TrySkip())
            {
                break;
            }
        }

        // Told only once it has arguments, so that less of what is broken was told; and with its id, where one follows.
        if (name is null || (!isWhole && (arguments is null || format.HasLateId)))
            return false;

        calls.Add(new ParsedCall(name, id, isWhole ? arguments ?? "{}" : arguments ?? ""));
        return isWhole;
    }

    private static string ReadRaw(ref Utf8JsonReader reader, byte[] bytes, int start, out bool isWhole)
    {
        isWhole = reader.Read();
        if (isWhole && reader.TokenType == JsonTokenType.String)
            return reader.GetString()!;

        if (isWhole)
            isWhole = reader.TrySkip();

        var end = isWhole ? (int)reader.BytesConsumed : bytes.Length;
        var raw = Encoding.UTF8.GetString(bytes, start, end - start).TrimStart(':', ' ', '\n', '\r', '\t');

        // A text that is not whole is decoded only once it is.
        return !isWhole && raw.StartsWith('"') ? "" : raw;
    }
}
