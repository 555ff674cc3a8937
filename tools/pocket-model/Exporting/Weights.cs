using System.Globalization;
using System.Runtime.InteropServices;

namespace ModelRunner.PocketModel.Exporting;

/// <summary>The trained weights by the trainer's names, each <c>[rows, columns]</c> or <c>[columns]</c>.</summary>
internal sealed class Weights
{
    private readonly Dictionary<string, (int[] Shape, float[] Values)> _tensors = [];

    private Weights()
    {
    }

    public (int[] Shape, float[] Values) this[string name] => _tensors[name];

    public int LayerCount => _tensors.Keys.Count(name => name.EndsWith(".q.weight", StringComparison.Ordinal));

    public long ParameterCount => _tensors.Values.Sum(tensor => (long)tensor.Values.Length);

    public static Weights Read(string folder)
    {
        var weights = new Weights();
        using var file = File.OpenRead(Path.Combine(folder, "weights.bin"));
        foreach (var line in File.ReadLines(Path.Combine(folder, "weights.txt")))
        {
            var parts = line.Split(' ');
            int[] shape = [.. parts.Skip(1).Select(part => int.Parse(part, CultureInfo.InvariantCulture))];
            var values = new float[shape.Aggregate(1, (product, size) => product * size)];
            file.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan()));
            weights._tensors[parts[0]] = (shape, values);
        }

        return weights;
    }
}
