using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace ModelRunner.Export.Tests.Tokenizers;

/// <summary>
/// Encodes plain text by a <c>tokenizer.json</c> of the two kinds that conversions write: slow, and as short as the
/// format's documentation. Added tokens are not looked for.
/// </summary>
internal sealed class JsonTokenizer
{
    private readonly Dictionary<string, int> _vocabulary;
    private readonly Dictionary<(string, string), int> _ranks = [];
    private readonly List<Regex> _splits = [];
    private readonly List<(string From, string To)> _replacements = [];
    private readonly string _prefix = "";
    private readonly bool _isByteLevel;
    private readonly bool _ignoresMerges;

    public JsonTokenizer(string json)
    {
        using var document = JsonDocument.Parse(json);
        var root = document.RootElement;
        var model = root.GetProperty("model");
        _ignoresMerges = model.GetProperty("ignore_merges").GetBoolean();
        _isByteLevel = !model.GetProperty("byte_fallback").GetBoolean();
        _vocabulary = model.GetProperty("vocab").EnumerateObject().ToDictionary(entry => entry.Name, entry => entry.Value.GetInt32());
        foreach (var merge in model.GetProperty("merges").EnumerateArray())
            _ranks.TryAdd((merge[0].GetString()!, merge[1].GetString()!), _ranks.Count);
        if (root.GetProperty("normalizer") is { ValueKind: JsonValueKind.Object } normalizer)
        {
            foreach (var step in normalizer.GetProperty("normalizers").EnumerateArray())
            {
                if (step.GetProperty("type").GetString() == "Prepend")
                    _prefix = step.GetProperty("prepend").GetString()!;
                else
                    _replacements.Add((step.GetProperty("pattern").GetProperty("String").GetString()!, step.GetProperty("content").GetString()!));
            }
        }

        if (root.GetProperty("pre_tokenizer") is { ValueKind: JsonValueKind.Object } split)
            foreach (var step in split.GetProperty("pretokenizers").EnumerateArray())
                if (step.GetProperty("type").GetString() == "Split")
                    _splits.Add(new Regex(step.GetProperty("pattern").GetProperty("Regex").GetString()!));
    }

    public int[] Encode(string text)
    {
        if (text.Length == 0)
            return [];
        text = _replacements.Aggregate(_prefix + text, (current, step) => current.Replace(step.From, step.To, StringComparison.Ordinal));
        IEnumerable<string> words = [text];
        foreach (var split in _splits)
            words = [.. words.SelectMany(word => Isolate(word, split))];
        return [.. words.SelectMany(EncodeWord)];
    }

    private static IEnumerable<string> Isolate(string word, Regex split)
    {
        var position = 0;
        foreach (Match match in split.Matches(word))
        {
            if (match.Index > position)
                yield return word[position..match.Index];
            if (match.Length > 0)
                yield return match.Value;
            position = match.Index + match.Length;
        }

        if (position < word.Length)
            yield return word[position..];
    }

    private IEnumerable<int> EncodeWord(string word)
    {
        if (_isByteLevel)
            word = string.Concat(Encoding.UTF8.GetBytes(word).Select(Letter));
        if (_ignoresMerges && _vocabulary.TryGetValue(word, out var whole))
            return [whole];
        var pieces = word.EnumerateRunes().Select(rune => rune.ToString()).ToList();
        while (pieces.Count > 1)
        {
            var best = Enumerable.Range(0, pieces.Count - 1).MinBy(i => _ranks.GetValueOrDefault((pieces[i], pieces[i + 1]), int.MaxValue));
            if (!_ranks.ContainsKey((pieces[best], pieces[best + 1])))
                break;
            pieces[best] += pieces[best + 1];
            pieces.RemoveAt(best + 1);
        }

        return pieces.SelectMany(piece => _vocabulary.TryGetValue(piece, out var id) ? [id]
            : Encoding.UTF8.GetBytes(piece).Select(value => _vocabulary[$"<0x{value:X2}>"]));
    }

    /// <summary>GPT-2's letter for a byte.</summary>
    private static char Letter(byte value)
    {
        static bool IsPrintable(int value) => value is >= '!' and <= '~' or >= 0xA1 and <= 0xAC or >= 0xAE;
        return (char)(IsPrintable(value) ? value : 256 + Enumerable.Range(0, value).Count(other => !IsPrintable(other)));
    }
}
