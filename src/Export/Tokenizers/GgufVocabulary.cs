using ModelRunner.Export.GenAi;
using ModelRunner.Gguf;

namespace ModelRunner.Export.Tokenizers;

/// <summary>A GGUF's vocabulary with llama.cpp's defaults (<c>llama_vocab::impl::load</c>).</summary>
internal sealed class GgufVocabulary
{
    private const string Prefix = "tokenizer.ggml.";

    /// <summary>Names of tokens that end a generation in llama.cpp wherever a vocabulary has them.</summary>
    private static readonly HashSet<string> EndNames = new(StringComparer.Ordinal)
    {
        "<|eot_id|>", "<|im_end|>", "<|end|>", "<|return|>", "<|call|>", "<end_of_turn>", "<|endoftext|>", "<|eom_id|>",
        "<EOT>", "_<EOT>", "<|end_of_text|>", "<end_of_utterance>",
    };

    private readonly TokenType[] _types;

    private GgufVocabulary(GgufMetadata metadata)
    {
        IsByteLevel = metadata.GetText(Prefix + "model") switch
        {
            "gpt2" => true,
            "llama" => false,
            var other => throw new ConversionException($"'{Prefix}model' is '{other}', which cannot be converted: gpt2 and llama can"),
        };
        var tokens = metadata.GetArray(Prefix + "tokens")!;
        Tokens = [.. Enumerable.Range(0, tokens.Count).Select(tokens.GetText)];
        var types = metadata.GetArray(Prefix + "token_type");
        _types = [.. Enumerable.Range(0, tokens.Count).Select(i => types is null ? TokenType.Normal : (TokenType)types.GetInteger(i))];
        if (IsByteLevel)
        {
            var merges = metadata.GetArray(Prefix + "merges")!;
            PreTokenizer = PreTokenizer.From(metadata.GetText(Prefix + "pre") ?? "default");
            Merges = [.. Enumerable.Range(0, merges.Count).Select(i => Split(merges.GetText(i)))];
        }
        else
            Merges = [.. SentencePieceMerges.Build(Tokens, ReadScores(metadata, tokens.Count), _types)];

        Begin = Special(metadata, "bos_token_id", IsByteLevel ? null : 1);
        End = Special(metadata, "eos_token_id", IsByteLevel ? null : 2);
        Unknown = Special(metadata, "unknown_token_id", IsByteLevel ? null : 0);
        Padding = Special(metadata, "padding_token_id", null);
        AddsBegin = metadata.GetBoolean(Prefix + "add_bos_token") ?? PreTokenizer?.AddsBegin ?? true;
        AddsEnd = metadata.GetBoolean(Prefix + "add_eos_token") ?? false;
        AddsSpacePrefix = metadata.GetBoolean(Prefix + "add_space_prefix") ?? true;
        EndsOfGeneration = [.. FindEnds(metadata).Distinct()];
    }

    /// <summary>Byte-level BPE as GPT-2's; otherwise SentencePiece with scores and byte tokens.</summary>
    public bool IsByteLevel { get; }

    /// <summary>Of a byte-level vocabulary.</summary>
    public PreTokenizer? PreTokenizer { get; }

    public IReadOnlyList<string> Tokens { get; }

    /// <summary>Pairs of pieces, the first to be joined first.</summary>
    public IReadOnlyList<(string Left, string Right)> Merges { get; }

    /// <summary>An id, or null for none, as are the following.</summary>
    public int? Begin { get; }

    public int? End { get; }

    public int? Unknown { get; }

    public int? Padding { get; }

    public bool AddsBegin { get; }

    public bool AddsEnd { get; }

    /// <summary>Of SentencePiece: a text starts as if a space stood before it.</summary>
    public bool AddsSpacePrefix { get; }

    /// <summary>All tokens that end a generation, <see cref="End"/> first.</summary>
    public IReadOnlyList<int> EndsOfGeneration { get; }

    /// <exception cref="ConversionException">Names the key that cannot be converted.</exception>
    public static GgufVocabulary From(GgufMetadata metadata) => new(metadata);

    public TokenType TypeOf(int token) => _types[token];

    /// <summary>Matched as a whole before anything else: control tokens never come from input, user-defined ones do.</summary>
    public bool IsAdded(int token) => _types[token] is TokenType.Control or TokenType.Unknown or TokenType.UserDefined;

    private IEnumerable<int> FindEnds(GgufMetadata metadata)
    {
        foreach (var key in (string[])["eos_token_id", "eot_token_id", "eom_token_id"])
            if (Special(metadata, key, key == "eos_token_id" ? End : null) is { } id)
                yield return id;
        for (var i = 0; i < Tokens.Count; i++)
            if (_types[i] is TokenType.Control or TokenType.UserDefined && EndNames.Contains(Tokens[i]))
                yield return i;
    }

    private int? Special(GgufMetadata metadata, string key, int? otherwise)
    {
        var id = metadata.GetInteger(Prefix + key) ?? otherwise;
        // Converters write "none" as -1 in either width.
        return id >= 0 && id < Tokens.Count ? (int)id : null;
    }

    private static float[] ReadScores(GgufMetadata metadata, int count)
    {
        var scores = metadata.GetArray(Prefix + "scores")
            ?? throw new ConversionException($"'{Prefix}scores' is missing, by which the pieces are joined");
        return [.. Enumerable.Range(0, count).Select(i => (float)scores.GetNumber(i))];
    }

    private static (string, string) Split(string merge)
    {
        // From index 1: the left part may start with a space, as in llama.cpp.
        var space = merge.IndexOf(' ', 1);
        return (merge[..space], merge[(space + 1)..]);
    }
}
