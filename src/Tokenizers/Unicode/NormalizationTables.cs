namespace ModelRunner.Tokenizers.Unicode;

/// <summary>Combining classes, decompositions and compositions of the Unicode database; read at first use.</summary>
internal sealed class NormalizationTables
{
    private static readonly Lazy<NormalizationTables> Loaded = new(() => new NormalizationTables());

    private readonly Dictionary<int, byte> _classes = [];
    private readonly Dictionary<ulong, int> _composites = [];
    private readonly Dictionary<int, uint[]> _canonical;
    private readonly Dictionary<int, uint[]> _compatibility;

    private NormalizationTables()
    {
        var table = new UnicodeTable("normalization");
        foreach (var entry in table.ReadNumbers(1))
            _classes.Add((int)(entry >> 8), (byte)entry);

        var composites = table.ReadNumbers(3);
        for (var i = 0; i < composites.Length; i += 3)
            _composites.Add(((ulong)composites[i] << 32) | composites[i + 1], (int)composites[i + 2]);

        _canonical = ReadDecompositions(ref table);
        _compatibility = ReadDecompositions(ref table);
    }

    public static NormalizationTables Instance => Loaded.Value;

    public byte GetClass(int point) => _classes.GetValueOrDefault(point);

    /// <summary>The composite of two code points, or -1.</summary>
    public int Compose(int first, int second) => _composites.GetValueOrDefault(((ulong)first << 32) | (uint)second, -1);

    /// <summary>The full decomposition; empty for a code point that has none.</summary>
    public ReadOnlySpan<uint> Decompose(int point, bool compatibility) =>
        compatibility && _compatibility.TryGetValue(point, out var parts) ? parts : _canonical.GetValueOrDefault(point);

    private static Dictionary<int, uint[]> ReadDecompositions(ref UnicodeTable table)
    {
        var keys = table.ReadNumbers(1);
        var parts = table.ReadNumbers(1);
        var decompositions = new Dictionary<int, uint[]>(keys.Length);
        var start = 0;
        foreach (var key in keys)
        {
            var end = start + (byte)key;
            decompositions.Add((int)(key >> 8), parts[start..end]);
            start = end;
        }

        return decompositions;
    }
}
