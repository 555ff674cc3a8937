using System.IO.Compression;
using System.Text;
using System.Text.Json;

namespace ModelRunner.Bench.Masks;

/// <summary>A schema with instances that it must accept or refuse, as MaskBench has them.</summary>
/// <param name="Name">The file's name: its split, three dashes, and the rest.</param>
/// <param name="Schema">The schema.</param>
/// <param name="Tests">Instances in Python's spelling, and whether they are valid.</param>
internal sealed record MaskCase(string Name, JsonElement Schema, IReadOnlyList<(string Text, bool IsValid)> Tests)
{
    /// <summary>The data set that it comes from.</summary>
    public string Split => Name.Contains("---", StringComparison.Ordinal)
        ? Name[..Name.IndexOf("---", StringComparison.Ordinal)]
        : Name.Split('_')[0];

    /// <summary>Cases of a folder of JSON files, of one such file, or of a file with a case in each line.</summary>
    public static IEnumerable<MaskCase> Read(string path)
    {
        if (Directory.Exists(path))
            return Directory.EnumerateFiles(path, "*.json*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).SelectMany(Read);

        return path.Contains(".jsonl", StringComparison.Ordinal) ? ReadLines(path) : [Parse(File.ReadAllText(path), Path.GetFileNameWithoutExtension(path))];
    }

    private static IEnumerable<MaskCase> ReadLines(string path)
    {
        using var file = File.OpenRead(path);
        using Stream stream = path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Decompress) : file;
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
            if (line.Length > 0)
                yield return Parse(line, "case");
    }

    private static MaskCase Parse(string text, string fallbackName)
    {
        var root = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = 1000 }).RootElement;
        var tests = new List<(string, bool)>();
        foreach (var test in root.GetProperty("tests").EnumerateArray())
        {
            var data = new StringBuilder();
            Write(test.GetProperty("data"), data);
            tests.Add((data.ToString(), test.GetProperty("valid").GetBoolean()));
        }

        var name = root.TryGetProperty("name", out var given) ? given.GetString()! : fallbackName;
        return new MaskCase(name, root.GetProperty("schema"), tests);
    }

    /// <summary>As <c>json.dumps(data, ensure_ascii=False)</c> does.</summary>
    private static void Write(JsonElement value, StringBuilder into)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                into.Append('{');
                var first = true;
                foreach (var member in value.EnumerateObject())
                {
                    into.Append(first ? "" : ", ");
                    WriteString(member.Name, into);
                    into.Append(": ");
                    Write(member.Value, into);
                    first = false;
                }

                into.Append('}');
                break;
            case JsonValueKind.Array:
                into.Append('[');
                first = true;
                foreach (var item in value.EnumerateArray())
                {
                    into.Append(first ? "" : ", ");
                    Write(item, into);
                    first = false;
                }

                into.Append(']');
                break;
            case JsonValueKind.String:
                WriteString(value.GetString()!, into);
                break;
            default:
                into.Append(value.GetRawText());
                break;
        }
    }

    private static void WriteString(string text, StringBuilder into)
    {
        into.Append('"');
        foreach (var letter in text)
        {
            into.Append(letter switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                '\b' => "\\b",
                '\f' => "\\f",
                < ' ' => $"\\u{(int)letter:x4}",
                _ => letter.ToString(),
            });
        }

        into.Append('"');
    }
}
