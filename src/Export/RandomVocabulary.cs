using System.Globalization;
using ModelRunner.Gguf;

namespace ModelRunner.Export;

/// <summary>
/// Token lists of any size that llama.cpp loads: every byte has a token, and further pieces are words of letters, so
/// that what a random model writes is text.
/// </summary>
internal sealed class RandomVocabulary
{
    // llama.cpp: LLAMA_TOKEN_TYPE_*.
    private const int Normal = 1;
    private const int Unknown = 2;
    private const int Control = 3;
    private const int Byte = 6;
    private const int LongestWord = 9;

    // Repeated letters come up more often.
    private const string Letters = "eeeeetttaaaooiinnsshrrdlcumwfgypbvkjxqz";

    private readonly List<string> _tokens = [];
    private readonly List<int> _types = [];
    private readonly List<float> _scores = [];
    private readonly List<string> _merges = [];
    private readonly List<bool> _isQuiet = [];
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);
    private readonly VocabularyKind _kind;

    public RandomVocabulary(VocabularyKind kind, int size, int seed)
    {
        _kind = kind;
        if (kind == VocabularyKind.ByteLevel)
            AddByteLevelBase();
        else
            AddSentencePieceBase();
        if (size < _tokens.Count)
            throw new ArgumentOutOfRangeException(nameof(size), size, $"A vocabulary of this kind has at least {_tokens.Count} tokens.");
        AddWords(size, new Random(seed));
    }

    public int Count => _tokens.Count;

    /// <summary>True for tokens that a model should seldom choose: controls, and bytes that are no text by themselves.</summary>
    public bool IsQuiet(int token) => _isQuiet[token];

    public void WriteTo(GgufWriter writer, string preTokenizer)
    {
        var isByteLevel = _kind == VocabularyKind.ByteLevel;
        writer.Set("tokenizer.ggml.model", GgufValue.From(isByteLevel ? "gpt2" : "llama"));
        writer.Set("tokenizer.ggml.pre", GgufValue.From(isByteLevel ? preTokenizer : "default"));
        writer.Set("tokenizer.ggml.tokens", GgufValue.From(_tokens));
        writer.Set("tokenizer.ggml.token_type", GgufValue.From(_types.ToArray()));
        if (isByteLevel)
            writer.Set("tokenizer.ggml.merges", GgufValue.From(_merges));
        else
            writer.Set("tokenizer.ggml.scores", GgufValue.From(_scores.ToArray()));
        writer.Set("tokenizer.ggml.bos_token_id", GgufValue.From(1u));
        writer.Set("tokenizer.ggml.eos_token_id", GgufValue.From(2u));
        writer.Set("tokenizer.ggml.unknown_token_id", GgufValue.From(0u));
        writer.Set("tokenizer.ggml.padding_token_id", GgufValue.From(2u));
        writer.Set("tokenizer.ggml.add_bos_token", GgufValue.From(!isByteLevel));
    }

    private void AddByteLevelBase()
    {
        foreach (var name in (ReadOnlySpan<string>)["<|endoftext|>", "<|im_start|>", "<|im_end|>"])
            Add(name, Control, isQuiet: true);
        var next = 256;
        for (var value = 0; value < 256; value++)
        {
            // GPT-2's alphabet: printable Latin-1 stands for itself, the rest for the characters from U+0100 on.
            var isPrintable = value is >= '!' and <= '~' or >= 0xA1 and <= 0xAC or >= 0xAE;
            Add(((char)(isPrintable ? value : next++)).ToString(), Normal, value is not (>= 'a' and <= 'z' or ' ' or '.' or ','));
        }
    }

    private void AddSentencePieceBase()
    {
        Add("<unk>", Unknown, isQuiet: true);
        Add("<s>", Control, isQuiet: true);
        Add("</s>", Control, isQuiet: true);
        for (var value = 0; value < 256; value++)
            Add(string.Create(CultureInfo.InvariantCulture, $"<0x{value:X2}>"), Byte, isQuiet: true);
        Add("\u2581", Normal, isQuiet: false);
        for (var letter = 'a'; letter <= 'z'; letter++)
            Add(letter.ToString(), Normal, isQuiet: false);
    }

    /// <summary>Lengthens pieces by one letter at a time, so that each is reached by merging from the left.</summary>
    private void AddWords(int size, Random random)
    {
        var space = _kind == VocabularyKind.ByteLevel ? "\u0120" : "\u2581";
        var pieces = new List<string> { space, space, space };
        for (var letter = 'a'; letter <= 'z'; letter++)
            pieces.Add(letter.ToString());
        while (_tokens.Count < size)
        {
            var left = pieces[random.Next(pieces.Count)];
            var right = Letters[random.Next(Letters.Length)].ToString();
            if (left.Length >= LongestWord || _known.Contains(left + right))
                continue;
            Add(left + right, Normal, isQuiet: false);
            _merges.Add($"{left} {right}");
            pieces.Add(left + right);
        }
    }

    private void Add(string text, int type, bool isQuiet)
    {
        _known.Add(text);
        _scores.Add(type == Normal ? -_tokens.Count : 0);
        _tokens.Add(text);
        _types.Add(type);
        _isQuiet.Add(isQuiet);
    }
}
