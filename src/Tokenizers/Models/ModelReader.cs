using System.Text.Json;
using ModelRunner.Tokenizers.Json;

namespace ModelRunner.Tokenizers.Models;

/// <summary>Reads <c>model</c> of a <c>tokenizer.json</c>.</summary>
/// <param name="vocabularyLimit">Tokens from this id on are left out, and merges that make them; 0 for none.</param>
internal sealed class ModelReader(int vocabularyLimit)
{
    private const int MaximumTokens = 1 << 21;
    private const int MaximumMerges = 1 << 22;
    private const int MaximumTokenLength = 1 << 14;
    private const int MaximumWordLength = 1 << 12;

    public (SubwordModel Model, Vocabulary Vocabulary) Read(JsonField field) => GetKind(field) switch
    {
        "BPE" => ReadBpe(field),
        "Unigram" => ReadUnigram(field),
        "WordPiece" => ReadWordPiece(field),
        "WordLevel" => ReadWordLevel(field),
        var type => throw field.Get("type").Wrong($"is '{type}', which is not supported"),
    };

    // Old files do not name the kind.
    private static string GetKind(JsonField field) =>
        field.FindText("type")
            ?? (field.Find("merges") is not null ? "BPE"
                : field.Get("vocab").IsList ? "Unigram"
                : field.Find("continuing_subword_prefix") is not null ? "WordPiece" : "WordLevel");

    private (SubwordModel, Vocabulary) ReadBpe(JsonField field)
    {
        var vocabulary = ReadVocabulary(field.Get("vocab"));
        var options = new BpeOptions
        {
            Unknown = field.FindText("unk_token"),
            Prefix = field.FindText("continuing_subword_prefix") ?? "",
            Suffix = field.FindText("end_of_word_suffix") ?? "",
            FuseUnknown = field.GetFlag("fuse_unk", false),
            ByteFallback = field.GetFlag("byte_fallback", false),
            IgnoreMerges = field.GetFlag("ignore_merges", false),
        };
        var list = field.Get("merges");
        var merges = new PairTable(list.IsList ? Math.Min(list.Value.GetArrayLength(), MaximumMerges) : 0);
        var crossings = new HashSet<int>();
        var rank = 0;
        foreach (var item in list.Items(MaximumMerges))
        {
            if (rank == 0 && item.IsText && item.Value.ValueEquals("#version: 0.2"))
                continue;
            ReadMerge(item, rank++, options.Prefix, vocabulary, merges, crossings);
        }

        return (new BpeModel(vocabulary, merges, crossings, options), vocabulary);
    }

    private void ReadMerge(JsonField item, int rank, string prefix, Vocabulary vocabulary, PairTable merges, HashSet<int> crossings)
    {
        string left, right;
        if (item.IsText)
        {
            var text = item.AsText();
            var space = text.IndexOf(' ', StringComparison.Ordinal);
            if (space < 0 || text.IndexOf(' ', space + 1) >= 0)
                throw item.Wrong("must be two tokens with a space between");
            (left, right) = (text[..space], text[(space + 1)..]);
        }
        else
        {
            if (!item.IsList || item.Value.GetArrayLength() != 2)
                throw item.Wrong("must be two tokens");
            var pair = item.Items(2).ToArray();
            (left, right) = (pair[0].AsText(), pair[1].AsText());
        }

        if (left.Length + right.Length > MaximumTokenLength || right.Length < prefix.Length)
            throw item.Wrong("joins tokens of a wrong length");
        var merged = string.Concat(left, right.AsSpan(prefix.Length));
        var (first, second, result) = (vocabulary.Find(left), vocabulary.Find(right), vocabulary.Find(merged));
        if (first < 0 || second < 0 || result < 0)
        {
            if (vocabularyLimit > 0)
                return;
            throw item.Wrong("makes or takes a token that is not in the vocabulary");
        }

        merges.Set(first, second, rank, result);
        MetaspaceRefinement.AddCrossings(merged, crossings);
    }

    private (SubwordModel, Vocabulary) ReadUnigram(JsonField field)
    {
        var list = field.Get("vocab");
        var tokens = new List<(string Text, double Score)>();
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var item in list.Items(MaximumTokens))
        {
            if (vocabularyLimit > 0 && tokens.Count == vocabularyLimit)
                break;
            if (!item.IsList || item.Value.GetArrayLength() != 2)
                throw item.Wrong("must be a token and its score");
            var pair = item.Items(2).ToArray();
            var text = CheckToken(pair[0]);
            ids[text] = tokens.Count;
            tokens.Add((text, pair[1].AsNumber()));
        }

        var unknown = field.Find("unk_id")?.AsInteger(0, Math.Max(list.Value.GetArrayLength() - 1, 0)) ?? -1;
        if (unknown >= tokens.Count)
            unknown = -1;
        var vocabulary = new Vocabulary(ids);
        return (new UnigramModel(tokens, vocabulary, unknown, field.GetFlag("byte_fallback", false)), vocabulary);
    }

    private (SubwordModel, Vocabulary) ReadWordPiece(JsonField field)
    {
        var vocabulary = ReadVocabulary(field.Get("vocab"));
        var model = new WordPieceModel(
            vocabulary,
            vocabulary.Find(field.FindText("unk_token") ?? "[UNK]"),
            field.FindText("continuing_subword_prefix") ?? "##",
            field.Find("max_input_chars_per_word")?.AsInteger(0, MaximumWordLength) ?? 100);
        return (model, vocabulary);
    }

    private (SubwordModel, Vocabulary) ReadWordLevel(JsonField field)
    {
        var vocabulary = ReadVocabulary(field.Get("vocab"));
        return (new WordLevelModel(vocabulary, vocabulary.Find(field.FindText("unk_token") ?? "")), vocabulary);
    }

    private Vocabulary ReadVocabulary(JsonField field)
    {
        if (!field.IsObject)
            throw field.Wrong("must be an object");
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var entry in field.Value.EnumerateObject())
        {
            var text = entry.Name;
            if (entry.Value.ValueKind != JsonValueKind.Number || !entry.Value.TryGetInt32(out var id) || (uint)id >= MaximumTokens)
                throw field.Wrong($"gives '{text}' an id that is no integer in [0, {MaximumTokens})");
            if (text.Length > MaximumTokenLength)
                throw field.Wrong($"has a token of {text.Length} characters, the limit is {MaximumTokenLength}");
            if (vocabularyLimit == 0 || id < vocabularyLimit)
                ids[text] = id;
        }

        return new Vocabulary(ids);
    }

    private static string CheckToken(JsonField field)
    {
        var text = field.AsText();
        return text.Length <= MaximumTokenLength ? text : throw field.Wrong($"is longer than {MaximumTokenLength} characters");
    }
}
