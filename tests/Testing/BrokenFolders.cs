using System.Text;
using ModelRunner.Export.Onnx;

namespace ModelRunner.Testing;

/// <summary>Broken and hostile copies of a converted folder.</summary>
public static class BrokenFolders
{
    private const string Config = "genai_config.json";
    private const string Graph = "model.onnx";
    private const string Data = "model.onnx.data";
    private const string Tokenizer = "tokenizer.json";

    /// <summary>Folders that must be refused, each for the reason that it is named by.</summary>
    public static IEnumerable<BrokenFolder> Named =>
    [
        .. new[] { Config, Graph, Data, Tokenizer }.SelectMany(file => new[]
        {
            Fail($"{file} is missing", folder => File.Delete(Path.Combine(folder, file))),
            Fail($"{file} is empty", folder => File.WriteAllBytes(Path.Combine(folder, file), [])),
            Fail($"{file} is cut in half", folder => Cut(Path.Combine(folder, file))),
        }),
        Replaced("another name of the tokens", Config, "\"input_ids\": \"input_ids\"", "\"input_ids\": \"words\""),
        Replaced("another name of the keys", Config, "past_key_values.%d.key", "keys.%d"),
        Replaced("another name of the present values", Config, "present.%d.value", "values.%d"),
        Replaced("another name of the logits", Config, "\"logits\": \"logits\"", "\"logits\": \"scores\""),
        Replaced("a vocabulary of another size", Config, "\"vocab_size\": 512", "\"vocab_size\": 513"),
        Replaced("a graph outside the folder", Config, "\"filename\": \"model.onnx\"", "\"filename\": \"../good/model.onnx\""),
        Replaced("a graph by its full path", Config, "\"filename\": \"model.onnx\"", "\"filename\": \"/etc/passwd\""),
        Replaced("an encoder", Config, "\"decoder\": {", "\"encoder\": {}, \"decoder\": {"),
        Replaced("a vision part", Config, "\"decoder\": {", "\"vision\": {}, \"decoder\": {"),
        Replaced("a pipeline", Config, "\"session_options\": {", "\"pipeline\": [], \"session_options\": {"),
        Replaced("native code", Config, "\"session_options\": {", "\"session_options\": {\"custom_ops_library\": \"x.so\","),
        Replaced("a vocabulary that is a text", Config, "\"vocab_size\": 512", "\"vocab_size\": \"many\""),
        Replaced("a tokenizer outside the folder", Config, "\"decoder\": {", "\"tokenizer_dir\": \"../good\", \"decoder\": {"),
        Replaced("data outside the folder", Graph, "model.onnx.data", "../el.onnx.data"),
        Replaced("data by a full path", Graph, "model.onnx.data", "/etc/hostname00"),
        Replaced("data behind a backslash", Graph, "model.onnx.data", "..\\el.onnx.dat"),
        Replaced("an operator that does not exist", Graph, "GroupQueryAttention", "GroupQueryAttentioX"),
        Replaced("paged attention", Graph, "GroupQueryAttention", "XXXXXPagedAttention"),
        Replaced("a domain that does not exist", Graph, "com.microsoft", "com.macrosoft"),
        Fail("data behind a link", folder => Link(folder, Data)),
        Fail("a graph behind a link", folder => Link(folder, Graph)),
        Fail("a graph of zeros", folder => File.WriteAllBytes(Path.Combine(folder, Graph), new byte[4096])),
        Fail("a graph of length prefixes without end", folder => File.WriteAllBytes(Path.Combine(folder, Graph), Nested(10_000))),
        Fail("a configuration of brackets", folder => File.WriteAllText(Path.Combine(folder, Config), new string('[', 100_000))),
        Fail("a configuration that is a list", folder => File.WriteAllText(Path.Combine(folder, Config), "[1, 2]")),
        Fail("a configuration of nothing", folder => File.WriteAllText(Path.Combine(folder, Config), "{}")),
        Fail("a model of nothing", folder => File.WriteAllText(Path.Combine(folder, Config), """{"model": {"type": "llama"}}""")),
        Fail("an input that nobody makes", folder => Rename(folder, "past_key_values.0.key", "past_key_values.0.kez")),
        Fail("an output for an input", folder => Rename(folder, "past_key_values.0.value", "present.0.value")),
        Fail("a node that eats its own output", folder => WriteCircle(folder, ["circle"])),
        Fail("three nodes in a circle", folder => WriteCircle(folder, ["first", "second", "third"])),
    ];

    /// <summary>Seeded random damage to graph and configuration.</summary>
    public static IEnumerable<BrokenFolder> Random(int firstSeed, int count) =>
        Enumerable.Range(firstSeed, count).Select(seed => new BrokenFolder($"seed {seed}", MustFail: false, folder =>
        {
            var random = new Random(seed);
            var path = Path.Combine(folder, seed % 4 == 0 ? Config : Graph);
            var bytes = File.ReadAllBytes(path);
            for (var i = random.Next(1, 6); i > 0; i--)
            {
                var position = random.Next(bytes.Length);
                bytes[position] = random.Next(3) switch
                {
                    0 => (byte)random.Next(256),
                    1 => (byte)(bytes[position] ^ (1 << random.Next(8))),
                    _ => random.Next(2) == 0 ? (byte)0 : (byte)0xFF,
                };
            }

            File.WriteAllBytes(path, random.Next(8) == 0 ? bytes[..random.Next(1, bytes.Length)] : bytes);
        }));

    /// <summary>Makes a damaged copy of a good folder.</summary>
    public static void Write(BrokenFolder broken, string good, string folder)
    {
        Directory.CreateDirectory(folder);
        foreach (var file in Directory.EnumerateFiles(good))
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        broken.Damage(folder);
    }

    private static BrokenFolder Fail(string name, Action<string> damage) => new(name, MustFail: true, damage);

    private static BrokenFolder Replaced(string name, string file, string old, string text) => Fail(name, folder =>
    {
        var path = Path.Combine(folder, file);
        var bytes = Encoding.Latin1.GetString(File.ReadAllBytes(path));
        if (!bytes.Contains(old, StringComparison.Ordinal))
            throw new InvalidOperationException($"{file} has no '{old}' to replace.");
        File.WriteAllBytes(path, Encoding.Latin1.GetBytes(bytes.Replace(old, text, StringComparison.Ordinal)));
    });

    // The name's length does not matter to whoever writes it, but to protobuf: it is padded to the old one.
    private static void Rename(string folder, string old, string text)
    {
        var path = Path.Combine(folder, Graph);
        var bytes = Encoding.Latin1.GetString(File.ReadAllBytes(path));
        var first = bytes.IndexOf(old, StringComparison.Ordinal);
        var renamed = bytes[..first] + text.PadRight(old.Length) + bytes[(first + old.Length)..];
        File.WriteAllBytes(path, Encoding.Latin1.GetBytes(renamed));
    }

    /// <summary>A decoder by its inputs and outputs, inside of which each node waits for the one before, and the first for the last.</summary>
    private static void WriteCircle(string folder, string[] nodes)
    {
        var graph = new OnnxGraph("circle");
        graph.Input("input_ids", OnnxElementType.Int64, "batch", "tokens");
        graph.Input("attention_mask", OnnxElementType.Int64, "batch", "total");
        foreach (var part in new[] { "key", "value" })
        {
            graph.Input($"past_key_values.0.{part}", OnnxElementType.Float32, "batch", "1", "past", "16");
            graph.Output($"present.0.{part}", OnnxElementType.Float32, "batch", "1", "past", "16");
            graph.AddNode($"/{part}", "Identity", [$"past_key_values.0.{part}"], [$"present.0.{part}"]);
        }

        var input = graph.Cast("input", "input_ids", OnnxElementType.Float32);
        for (var i = 0; i < nodes.Length; i++)
            graph.Add(nodes[i], "Add", [input, nodes[(i + nodes.Length - 1) % nodes.Length]]);
        graph.AddNode("/logits", "Identity", [nodes[^1]], ["logits"]);
        graph.Output("logits", OnnxElementType.Float32, "batch", "tokens", "512");
        OnnxModelWriter.Write(graph, folder, (_, _) => { });
    }

    private static void Cut(string path)
    {
        var bytes = File.ReadAllBytes(path);
        File.WriteAllBytes(path, bytes[..(bytes.Length / 2)]);
    }

    private static void Link(string folder, string file)
    {
        var outside = Path.Combine(Path.GetDirectoryName(folder)!, $"{Path.GetFileName(folder)}-{file}");
        File.Move(Path.Combine(folder, file), outside);
        File.CreateSymbolicLink(Path.Combine(folder, file), outside);
    }

    // A graph whose only node holds a graph whose only node holds one ...
    private static byte[] Nested(int depth)
    {
        byte[] inner = [];
        for (var i = 0; i < depth && inner.Length < 1 << 20; i++)
            inner = Field(1, Field(5, Field(6, inner)));
        return Field(7, inner);
    }

    private static byte[] Field(int number, byte[] content)
    {
        var head = new List<byte> { (byte)((number << 3) | 2) };
        var length = (uint)content.Length;
        for (; length >= 0x80; length >>= 7)
            head.Add((byte)(length | 0x80));
        head.Add((byte)length);
        return [.. head, .. content];
    }
}
