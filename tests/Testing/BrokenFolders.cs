using System.Text;

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
        Gone(Config, "it has neither genai_config.json"),
        Empty(Config, "genai_config.json is no JSON: The input does not contain any JSON tokens"),
        Cut(Config, "genai_config.json is no JSON: Expected end of string"),
        Gone(Graph, "names 'model.onnx', which is not in the folder"),
        Empty(Graph, "model.onnx: it holds no graph"),
        Cut(Graph, "model.onnx: broken protobuf at byte"),
        Gone(Data, "names 'model.onnx.data', which is not in the folder"),
        Empty(Data, "of 'model.onnx.data', which ends at 0"),
        Cut(Data, "of 'model.onnx.data', which ends at "),
        Gone(Tokenizer, "tokenizer.json: the folder has none"),
        Empty(Tokenizer, "tokenizer.json: not JSON at line 1"),
        Cut(Tokenizer, "tokenizer.json: not JSON at line "),
        Replaced("another name of the tokens", Config, "\"input_ids\": \"input_ids\"", "\"input_ids\": \"words\"", "the graph has no input 'words'"),
        Replaced("another name of the keys", Config, "past_key_values.%d.key", "keys.%d", "does not know: 'past_key_values.0.key'"),
        Replaced("another name of the present values", Config, "present.%d.value", "values.%d", "without the output 'values.0'"),
        Replaced("another name of the logits", Config, "\"logits\": \"logits\"", "\"logits\": \"scores\"", "the graph has no output 'scores'"),
        Replaced("a vocabulary of another size", Config, "\"vocab_size\": 512", "\"vocab_size\": 513", "gives 512 logits, but vocab_size of genai_config.json is 513"),
        Replaced("a graph outside the folder", Config, "\"filename\": \"model.onnx\"", "\"filename\": \"../good/model.onnx\"", "names '../good/model.onnx', which leads out of the folder"),
        Replaced("a graph by its full path", Config, "\"filename\": \"model.onnx\"", "\"filename\": \"/etc/passwd\"", "names '/etc/passwd', which leads out of the folder"),
        Replaced("an encoder", Config, "\"decoder\": {", "\"encoder\": {}, \"decoder\": {", "model.encoder makes it an encoder-decoder model"),
        Replaced("a vision part", Config, "\"decoder\": {", "\"vision\": {}, \"decoder\": {", "model.vision makes it a vision model"),
        Replaced("a pipeline", Config, "\"session_options\": {", "\"pipeline\": [], \"session_options\": {", "model.decoder.pipeline divides the model"),
        Replaced("native code", Config, "\"session_options\": {", "\"session_options\": {\"custom_ops_library\": \"x.so\",", "custom_ops_library is native code of the folder"),
        Replaced("a vocabulary that is a text", Config, "\"vocab_size\": 512", "\"vocab_size\": \"many\"", "model.vocab_size must be a number"),
        Replaced("a tokenizer outside the folder", Config, "\"decoder\": {", "\"tokenizer_dir\": \"../good\", \"decoder\": {", "model.tokenizer_dir of genai_config.json names '../good', which leads out"),
        Replaced("data outside the folder", Graph, "model.onnx.data", "../el.onnx.data", "names '../el.onnx.data', which leads out of the folder"),
        Replaced("data by a full path", Graph, "model.onnx.data", "/etc/hostname00", "names '/etc/hostname00', which leads out of the folder"),
        Replaced("data behind a backslash", Graph, "model.onnx.data", "..\\el.onnx.data", "names '..\\el.onnx.data', which is no path inside the folder"),
        Replaced("an operator that does not exist", Graph, "GroupQueryAttention", "GroupQueryAttentioX", "GroupQueryAttentioX(-1) is not a registered function/op"),
        Replaced("paged attention", Graph, "GroupQueryAttention", "XXXXXPagedAttention", "XXXXXPagedAttention(-1) is not a registered function/op"),
        Replaced("a domain that does not exist", Graph, "com.microsoft", "com.macrosoft", "com.macrosoft:GroupQueryAttention(-1) is not a registered"),
        Fail("data behind a link", folder => Link(folder, Data), "names 'model.onnx.data', which is a link"),
        Fail("a graph behind a link", folder => Link(folder, Graph), "names 'model.onnx', which is a link"),
        Fail("a graph of zeros", folder => File.WriteAllBytes(Path.Combine(folder, Graph), new byte[4096]), "a field has the number 0"),
        Fail("a graph of length prefixes without end", folder => File.WriteAllBytes(Path.Combine(folder, Graph), Nested(10_000)), "its subgraphs are nested more than 32 deep"),
        Fail("a second graph", folder => File.AppendAllBytes(Path.Combine(folder, Graph), Field(7, [])), "it holds more than one graph"),
        Fail("a configuration of brackets", folder => File.WriteAllText(Path.Combine(folder, Config), new string('[', 100_000)), "genai_config.json is no JSON: The maximum configured depth"),
        Fail("a configuration that is a list", folder => File.WriteAllText(Path.Combine(folder, Config), "[1, 2]"), "genai_config.json holds no JSON object"),
        Fail("a configuration of nothing", folder => File.WriteAllText(Path.Combine(folder, Config), "{}"), "genai_config.json: model is missing"),
        Fail("a model of nothing", folder => File.WriteAllText(Path.Combine(folder, Config), """{"model": {"type": "llama"}}"""), "model.decoder is missing"),
        Fail("an input that nobody makes", folder => Rename(folder, "past_key_values.0.key", "past_key_values.0.kez"), "Node input 'past_key_values.0.kez' is not a graph input"),
        Fail("an output for an input", folder => Rename(folder, "past_key_values.0.value", "present.0.value"), "Node input 'present.0.value "),
        Fail("a node that eats its own output", folder => BrokenGraph.WriteCircle(folder, ["circle"]), "the graph is not acyclic"),
        Fail("three nodes in a circle", folder => BrokenGraph.WriteCircle(folder, ["first", "second", "third"]), "the graph is not acyclic"),
        Fail("a weight of another shape", BrokenGraph.WriteWrongWeight, "Incompatible dimensions"),
        Fail("a KV cache of another width", WidenKeys, "the graph does not decode: [ErrorCode:InvalidArgument] Got invalid dimensions"),
        Fail("a KV cache of a fixed length", BrokenGraph.WriteFixedKv, "a KV cache of fixed length"),
        Fail("a KV cache of three dimensions", BrokenGraph.WriteFlatKv, "instead of a KV cache of 4 dimensions"),
        Fail("a hybrid model", BrokenGraph.WriteHybrid, "keeps convolution or recurrent state beside its KV cache (a hybrid model) (input 'past_conv.0')"),
    ];

    /// <summary>Seeded random damage to graph and configuration.</summary>
    public static IEnumerable<BrokenFolder> Random(int firstSeed, int count) =>
        Enumerable.Range(firstSeed, count).Select(seed => new BrokenFolder($"seed {seed}", Reason: null, folder =>
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

    private static BrokenFolder Fail(string name, Action<string> damage, string reason) => new(name, reason, damage);

    private static BrokenFolder Gone(string file, string reason) =>
        Fail($"{file} is missing", folder => File.Delete(Path.Combine(folder, file)), reason);

    private static BrokenFolder Empty(string file, string reason) =>
        Fail($"{file} is empty", folder => File.WriteAllBytes(Path.Combine(folder, file), []), reason);

    private static BrokenFolder Cut(string file, string reason) => Fail($"{file} is cut in half", folder =>
    {
        var bytes = File.ReadAllBytes(Path.Combine(folder, file));
        File.WriteAllBytes(Path.Combine(folder, file), bytes[..(bytes.Length / 2)]);
    }, reason);

    private static BrokenFolder Replaced(string name, string file, string old, string text, string reason) => Fail(name, folder =>
    {
        var path = Path.Combine(folder, file);
        var bytes = Encoding.Latin1.GetString(File.ReadAllBytes(path));
        if (!bytes.Contains(old, StringComparison.Ordinal))
            throw new InvalidOperationException($"{file} has no '{old}' to replace.");
        File.WriteAllBytes(path, Encoding.Latin1.GetBytes(bytes.Replace(old, text, StringComparison.Ordinal)));
    }, reason);

    // The name's length does not matter to whoever writes it, but to protobuf: it is padded to the old one.
    private static void Rename(string folder, string old, string text)
    {
        var path = Path.Combine(folder, Graph);
        var bytes = Encoding.Latin1.GetString(File.ReadAllBytes(path));
        var first = bytes.IndexOf(old, StringComparison.Ordinal);
        var renamed = bytes[..first] + text.PadRight(old.Length) + bytes[(first + old.Length)..];
        File.WriteAllBytes(path, Encoding.Latin1.GetBytes(renamed));
    }

    /// <summary>Keys are declared twice as wide as attention takes them: a dim_value of ValueInfoProto, whose type (field 2) follows the name.</summary>
    private static void WidenKeys(string folder)
    {
        var path = Path.Combine(folder, Graph);
        var bytes = File.ReadAllBytes(path);
        var name = bytes.AsSpan().IndexOf("past_key_values.0.key\u0012"u8);
        var width = name + bytes.AsSpan(name).IndexOf<byte>([0x0A, 2, 8, 16]) + 3;
        bytes[width] = 32;
        File.WriteAllBytes(path, bytes);
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
