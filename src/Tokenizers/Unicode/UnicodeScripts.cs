namespace ModelRunner.Tokenizers.Unicode;

/// <summary>The script of each code point, as in the Unicode database; read at first use.</summary>
internal sealed class UnicodeScripts
{
    private static readonly Lazy<UnicodeScripts> Loaded = new(() => new UnicodeScripts());

    private readonly string[] _names;
    private readonly uint[] _ranges;

    private UnicodeScripts()
    {
        var table = new UnicodeTable("scripts");
        _names = table.ReadNames();
        _ranges = table.ReadNumbers(1);
    }

    public static UnicodeScripts Instance => Loaded.Value;

    /// <summary>The number of a script, or -1.</summary>
    public int Find(string name) =>
        Array.FindIndex(_names, other => string.Equals(other, name, StringComparison.OrdinalIgnoreCase));

    public int GetScript(int point)
    {
        var index = Array.BinarySearch(_ranges, ((uint)point << 8) | 0xFF);
        return (byte)_ranges[index >= 0 ? index : ~index - 1];
    }

    /// <summary>The code points of a script, as sorted half-open ranges.</summary>
    public IEnumerable<(int Start, int End)> GetRanges(int script)
    {
        for (var i = 0; i < _ranges.Length; i++)
            if ((byte)_ranges[i] == script)
                yield return ((int)(_ranges[i] >> 8), i + 1 < _ranges.Length ? (int)(_ranges[i + 1] >> 8) : CodePoint.Maximum + 1);
    }
}
