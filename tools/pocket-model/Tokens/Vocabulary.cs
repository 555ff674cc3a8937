using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ModelRunner.PocketModel.Corpus;

namespace ModelRunner.PocketModel.Tokens;

/// <summary>
/// A byte-level BPE vocabulary with the pre-tokenizer that llama.cpp calls <c>smollm</c>: every digit alone, the rest as
/// GPT-2. It encodes the corpus, and is written into both exports.
/// </summary>
internal sealed partial class Vocabulary
{
    public const string EndOfText = "<|endoftext|>";

    /// <summary>Control tokens: never text.</summary>
    public static IReadOnlyList<string> Controls { get; } = [EndOfText, ChatMarkup.Start, ChatMarkup.End];

    /// <summary>Marks of tool calls: one token each, and text all the same.</summary>
    public static IReadOnlyList<string> Marks { get; } = ["<tools>", "</tools>", "<tool_call>", "</tool_call>", "<tool_response>", "</tool_response>"];

    private readonly Dictionary<(int Left, int Right), (int Rank, int Token)> _ranks = [];
    private readonly Dictionary<string, int[]> _words = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _added = new(StringComparer.Ordinal);

    public Vocabulary(IReadOnlyList<(int Left, int Right)> merges)
    {
        Merges = merges;
        foreach (var name in Controls.Concat(Marks))
        {
            _added[name] = Texts.Count;
            Texts.Add(name);
        }

        FirstByte = Texts.Count;
        foreach (var character in ByteAlphabet.Characters)
            Texts.Add(character.ToString());
        for (var i = 0; i < merges.Count; i++)
        {
            var (left, right) = merges[i];
            _ranks[merges[i]] = (i, Texts.Count);
            Texts.Add(Texts[left] + Texts[right]);
        }
    }

    /// <summary>The text of each token, in the byte alphabet.</summary>
    public List<string> Texts { get; } = [];

    public IReadOnlyList<(int Left, int Right)> Merges { get; }

    public int FirstByte { get; }

    public static int BaseCount => Controls.Count + Marks.Count + 256;

    /// <summary>The tokens of a text in which the names of added tokens count as such.</summary>
    public void Encode(string text, List<int> tokens)
    {
        foreach (var piece in AddedPattern().Split(text))
        {
            if (_added.TryGetValue(piece, out var token))
            {
                tokens.Add(token);
                continue;
            }

            foreach (var word in Words(piece))
            {
                if (!_words.TryGetValue(word, out var ids))
                {
                    ids = Merge(word);
                    if (_words.Count < 500_000)
                        _words[word] = ids;
                }

                tokens.AddRange(ids);
            }
        }
    }

    /// <summary>The pieces within which tokens are merged.</summary>
    public static IEnumerable<string> Words(string text)
    {
        foreach (Match match in WordPattern().Matches(text))
            yield return match.Value;
    }

    /// <summary>Splits at the names of added tokens and keeps them.</summary>
    public static IEnumerable<string> Plain(string text) =>
        AddedPattern().Split(text).Where(piece => !Controls.Contains(piece) && !Marks.Contains(piece));

    public void Save(string path)
    {
        using var file = File.Create(path);
        using var writer = new Utf8JsonWriter(file);
        JsonSerializer.Serialize(writer, new JsonArray([.. Merges.Select(merge => new JsonArray(merge.Left, merge.Right))]));
    }

    public static Vocabulary Load(string path) =>
        new([.. JsonNode.Parse(File.ReadAllText(path))!.AsArray().Select(merge => ((int)merge![0]!, (int)merge[1]!))]);

    private int[] Merge(string word)
    {
        var ids = Encoding.UTF8.GetBytes(word).Select(value => FirstByte + value).ToList();
        while (ids.Count > 1)
        {
            var best = (Rank: int.MaxValue, Token: -1);
            var at = -1;
            for (var i = 0; i + 1 < ids.Count; i++)
                if (_ranks.TryGetValue((ids[i], ids[i + 1]), out var merge) && merge.Rank < best.Rank)
                    (best, at) = (merge, i);
            if (at < 0)
                break;
            ids[at] = best.Token;
            ids.RemoveAt(at + 1);
        }

        return [.. ids];
    }

    [GeneratedRegex(@"(<\|endoftext\|>|<\|im_start\|>|<\|im_end\|>|</?tools>|</?tool_call>|</?tool_response>)")]
    private static partial Regex AddedPattern();

    [GeneratedRegex(@"\p{N}|'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?[^\s\p{L}\p{N}]+|\s+(?![^\s\p{N}])|\s+")]
    private static partial Regex WordPattern();
}
