namespace ModelRunner.Engines.Onnx.Graphs;

/// <summary>
/// Adds up the weights of a graph. Quantised products hold several weights in a byte, which only the node that reads
/// them tells, and scales that are no weights; bytes that two tensors share count once.
/// </summary>
internal sealed class WeightCensus
{
    private readonly record struct Tensor(ElementType Type, long Count, long Size);

    // The bits of a code, and how many weights there are where the node says so.
    private readonly record struct Codes(int Bits, long? Count);

    private readonly List<(string Name, Tensor Tensor)> _tensors = [];
    private readonly HashSet<string> _places = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Codes> _codes = new(StringComparer.Ordinal);
    private readonly HashSet<string> _scales = new(StringComparer.Ordinal);

    /// <summary>A tensor of the file.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="type">Type of its elements.</param>
    /// <param name="count">Its elements.</param>
    /// <param name="sizeInBytes">Its bytes.</param>
    /// <param name="place">Where they lie beside the file; null for inside.</param>
    public void Add(string name, ElementType type, long count, long sizeInBytes, string? place)
    {
        // Indices and shapes are no weights.
        if (type is ElementType.Int64 or ElementType.Int32 or ElementType.Bool or ElementType.Text)
            return;
        if (place is null || _places.Add(place))
            _tensors.Add((name, new Tensor(type, count, sizeInBytes)));
    }

    /// <summary>A node, in case it reads quantised weights.</summary>
    /// <param name="operation">What it does.</param>
    /// <param name="inputs">Names of what it reads.</param>
    /// <param name="integers">Its attributes that are integers.</param>
    public void Use(string operation, IReadOnlyList<string> inputs, IReadOnlyDictionary<string, long> integers)
    {
        var first = operation switch { "MatMulNBits" => 1, "GatherBlockQuantized" => 0, _ => -1 };
        if (first < 0 || inputs.Count < first + 2)
            return;

        // Inputs 2 and 3 of both are scales and zero points, and both have 4 bits by default. The codes of a product are
        // padded to whole blocks: its sizes are exact.
        var bits = integers.GetValueOrDefault("bits") switch { 2 => 2, 8 => 8, _ => 4 };
        long? count = first == 1 && integers.TryGetValue("K", out var rows) && integers.TryGetValue("N", out var columns)
            ? Saturate((Int128)Math.Max(rows, 0) * Math.Max(columns, 0))
            : null;
        _codes[inputs[first]] = new Codes(bits, count);
        for (var i = 2; i < Math.Min(inputs.Count, 4); i++)
            _scales.Add(inputs[i]);
    }

    /// <summary>What was added, once all of the file was read.</summary>
    public (long ParameterCount, long SizeInBytes, int WeightBits) Total()
    {
        Int128 count = 0, size = 0;
        var sizes = new Dictionary<int, Int128>();
        foreach (var (name, tensor) in _tensors)
        {
            size += tensor.Size;
            if (_scales.Contains(name))
                continue;

            var bits = tensor.Type.SizeInBits();
            if (_codes.TryGetValue(name, out var codes))
            {
                count += Math.Min(codes.Count ?? long.MaxValue, Saturate((Int128)tensor.Count * bits / codes.Bits));
                bits = codes.Bits;
            }
            else
            {
                count += tensor.Count;
            }

            sizes[bits] = sizes.GetValueOrDefault(bits) + tensor.Size;
        }

        return (Saturate(count), Saturate(size), sizes.Count == 0 ? 0 : sizes.MaxBy(pair => pair.Value).Key);
    }

    private static long Saturate(Int128 value) => (long)Int128.Min(value, long.MaxValue);
}
