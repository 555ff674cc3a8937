using System.Collections.Concurrent;
using System.Text;
using ModelRunner.Abstractions.Tokens;
using ModelRunner.Generation.Parsing;

namespace ModelRunner.Generation.Engine;

/// <summary>The control tokens that stand for the markers of a format. Thread-safe.</summary>
internal sealed class MarkerTokens(ITokenizer tokenizer)
{
    private readonly ConcurrentDictionary<OutputFormat, IReadOnlyDictionary<int, ReadOnlyMemory<byte>>> _known = [];

    private readonly Lazy<HashSet<string>> _ends = new(() =>
        [.. Enumerable.Range(0, tokenizer.VocabularySize).Where(tokenizer.IsEndOfGeneration).Select(tokenizer.GetText).Where(text => text.Length > 0)]);

    /// <summary>Whether a text is that of a token that ends a generation.</summary>
    public bool IsEnd(string text) => _ends.Value.Contains(text);

    public IReadOnlyDictionary<int, ReadOnlyMemory<byte>> Find(OutputFormat format) => _known.GetOrAdd(format, Search);

    private IReadOnlyDictionary<int, ReadOnlyMemory<byte>> Search(OutputFormat format)
    {
        var markers = format.Markers.ToArray();
        var tokens = new Dictionary<int, ReadOnlyMemory<byte>>();
        for (var token = 0; token < tokenizer.VocabularySize; token++)
        {
            if (!tokenizer.IsControl(token) || tokenizer.IsEndOfGeneration(token))
                continue;

            // A marker may be written in several tokens, each a part of it.
            var text = tokenizer.GetText(token);
            if (text.Length > 0 && markers.Any(marker => marker.Contains(text, StringComparison.Ordinal)))
                tokens[token] = Encoding.UTF8.GetBytes(text);
        }

        return tokens;
    }
}
