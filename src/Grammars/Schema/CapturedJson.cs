using System.Text;
using System.Text.Json;

namespace ModelRunner.Grammars.Schema;

/// <summary>Reads what a captured terminal has matched: a JSON scalar, possibly with syntax behind it.</summary>
internal static class CapturedJson
{
    /// <summary>The value of the string that the text begins with.</summary>
    public static string ReadString(string text)
    {
        var reader = new Utf8JsonReader(Encoding.Latin1.GetBytes(text), isFinalBlock: false, default);
        reader.Read();
        return reader.GetString()!;
    }
}
