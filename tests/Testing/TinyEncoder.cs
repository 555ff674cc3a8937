using System.Text.Json;
using ModelRunner.Export.Onnx;

namespace ModelRunner.Testing;

/// <summary>
/// An encoder of one attention as sentence-transformers writes a folder, small enough to be computed in a few loops.
/// Words are tokens; unknown ones are <c>[UNK]</c>.
/// </summary>
public sealed class TinyEncoder
{
    public const int Width = 8;
    private const int MaxLength = 32;

    private static readonly string[] Words =
        ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "a", "container", "shares", "the", "kernel", "of", "its", "host", "hello", "world", "##s"];

    private readonly float[] _embeddings = Random(1, Words.Length * Width);
    private readonly float[] _positions = Random(2, MaxLength * Width);
    private readonly float[] _types = Random(3, 2 * Width);
    private readonly float[] _queries = Random(4, Width * Width);
    private readonly float[] _keys = Random(5, Width * Width);
    private readonly float[] _values = Random(6, Width * Width);

    /// <summary>The tokens of words of the vocabulary, as the folder's tokenizer gives them.</summary>
    public static int[] Encode(string text) => [2, .. text.Split(' ').Select(word => Math.Max(Array.IndexOf(Words, word), 1)), 3];

    /// <summary>The hidden state of each token.</summary>
    public double[][] StatesOf(ReadOnlySpan<int> tokens)
    {
        double[][] inputs = [.. tokens.ToArray().Select((token, i) => Enumerable.Range(0, Width).Select(column =>
            (double)_embeddings[(token * Width) + column] + _positions[(i * Width) + column] + _types[column]).ToArray())];
        var (keys, values) = (Multiply(inputs, _keys), Multiply(inputs, _values));
        return [.. Multiply(inputs, _queries).Select((query, row) =>
        {
            double[] weights = [.. keys.Select(key => Math.Exp(query.Zip(key).Sum(pair => pair.First * pair.Second) / Math.Sqrt(Width)))];
            return Enumerable.Range(0, Width).Select(column =>
                inputs[row][column] + weights.Select((weight, i) => weight / weights.Sum() * values[i][column]).Sum()).ToArray();
        })];
    }

    /// <summary>Writes the folder: graph, configuration, modules and tokenizer.</summary>
    /// <param name="folder">Exists.</param>
    /// <param name="pooling">The field of <c>1_Pooling/config.json</c> that is true.</param>
    /// <param name="graphFolder">The sub folder of the graph; empty for none.</param>
    public void Write(string folder, string pooling, string graphFolder)
    {
        Directory.CreateDirectory(Path.Combine(folder, graphFolder));
        OnnxModelWriter.Write(BuildGraph(), Path.Combine(folder, graphFolder), (_, _) => { });
        Directory.CreateDirectory(Path.Combine(folder, "1_Pooling"));
        WriteJson(folder, "1_Pooling/config.json", new Dictionary<string, object> { ["word_embedding_dimension"] = Width, [pooling] = true });
        WriteJson(folder, "config.json", new { model_type = "bert", vocab_size = Words.Length, hidden_size = Width, max_position_embeddings = MaxLength });
        WriteJson(folder, "modules.json", new[] { ("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Normalize", "Normalize") }
            .Select((module, idx) => new { idx, name = $"{idx}", path = module.Item1, type = $"sentence_transformers.models.{module.Item2}" }));
        WriteTokenizer(folder);
    }

    private OnnxGraph BuildGraph()
    {
        var graph = new OnnxGraph("encoder");
        foreach (var name in new[] { "input_ids", "attention_mask", "token_type_ids" })
            graph.Input(name, OnnxElementType.Int64, "batch", "tokens");
        var range = graph.Add("/range", "Range", [graph.Constant("/start", [0]), graph.Length("/length", "input_ids"), graph.Constant("/step", [1])]);
        var words = graph.Add("/words", "Gather", [graph.Floats("embeddings", _embeddings, Words.Length, Width), "input_ids"]);
        var types = graph.Add("/types", "Gather", [graph.Floats("types", _types, 2, Width), "token_type_ids"]);
        var places = graph.Add("/places", "Gather", [graph.Floats("positions", _positions, MaxLength, Width), range]);
        var input = graph.Add("/input", "Add", [graph.Add("/typed", "Add", [words, types]), places]);
        string Project(string name, float[] weights) => graph.Add($"/{name}", "MatMul", [input, graph.Floats(name, weights, Width, Width)]);

        graph.AddContribNode("/scores", "FusedMatMul", [Project("queries", _queries), Project("keys", _keys)], ["/scores"],
            OnnxAttribute.From("transB", 1), OnnxAttribute.From("alpha", 1 / MathF.Sqrt(Width)));
        var hidden = graph.Cast("/hidden", graph.Add("/not", "Not", [graph.Cast("/real", "attention_mask", OnnxElementType.Bool)]), OnnxElementType.Float32);
        var bias = graph.Add("/bias", "Mul", [graph.Add("/wide", "Unsqueeze", [hidden, graph.Constant("/one", [1], 1)]), graph.Floats("hidden_bias", [-1e9f], 1)]);
        var weights = graph.Add("/weights", "Softmax", [graph.Add("/seen", "Add", ["/scores", bias])], OnnxAttribute.From("axis", -1));
        graph.AddNode("/last", "Add", [input, graph.Add("/mixed", "MatMul", [weights, Project("values", _values)])], ["last_hidden_state"]);
        graph.Output("last_hidden_state", OnnxElementType.Float32, "batch", "tokens", $"{Width}");
        return graph;
    }

    private static void WriteTokenizer(string folder) => WriteJson(folder, "tokenizer.json", new
    {
        version = "1.0",
        added_tokens = Words.Take(4).Select((content, id) => new { id, content, special = true, single_word = false, lstrip = false, rstrip = false, normalized = false }),
        normalizer = new { type = "BertNormalizer", clean_text = true, handle_chinese_chars = true, lowercase = true },
        pre_tokenizer = new { type = "BertPreTokenizer" },
        post_processor = new { type = "BertProcessing", sep = new object[] { "[SEP]", 3 }, cls = new object[] { "[CLS]", 2 } },
        decoder = new { type = "WordPiece", prefix = "##", cleanup = true },
        model = new
        {
            type = "WordPiece",
            unk_token = "[UNK]",
            continuing_subword_prefix = "##",
            max_input_chars_per_word = 100,
            vocab = Words.Select((word, id) => KeyValuePair.Create(word, id)).ToDictionary(),
        },
    });

    private static void WriteJson<T>(string folder, string name, T value) =>
        File.WriteAllText(Path.Combine(folder, name), JsonSerializer.Serialize(value));

    private static double[][] Multiply(double[][] rows, float[] matrix) =>
        [.. rows.Select(row => Enumerable.Range(0, Width).Select(column => row.Select((value, i) => value * matrix[(i * Width) + column]).Sum()).ToArray())];

    private static float[] Random(int seed, int count)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (float)((random.NextDouble() * 2) - 1))];
    }
}
