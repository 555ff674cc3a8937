using System.Globalization;
using ModelRunner.Tokenizers.Unicode;

namespace ModelRunner.Tokenizers.Models;

/// <summary>The tokens of a model by their text. Immutable once the model is built.</summary>
internal sealed class Vocabulary
{
    private readonly Dictionary<string, int> _ids;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _lookup;

    public Vocabulary(Dictionary<string, int> ids)
    {
        _ids = ids;
        _lookup = ids.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    public IReadOnlyDictionary<string, int> Ids => _ids;

    /// <summary>The token of a text, or -1.</summary>
    public int Find(ReadOnlySpan<char> text) => _lookup.TryGetValue(text, out var id) ? id : -1;

    /// <summary>The tokens <c>&lt;0x00&gt;</c> to <c>&lt;0xFF&gt;</c>, -1 where there is none.</summary>
    public int[] FindBytes() =>
        [.. Enumerable.Range(0, 256).Select(value => Find(string.Create(CultureInfo.InvariantCulture, $"<0x{value:X2}>")))];

    /// <summary>The tokens of one code point.</summary>
    public Dictionary<int, int> FindCodePoints()
    {
        var points = new Dictionary<int, int>();
        foreach (var (text, id) in _ids)
            if (text.Length is 1 or 2 && CodePoint.At(text, 0, out var length) is var point && length == text.Length)
                points[point] = id;
        return points;
    }
}
