namespace ModelRunner.Export.Onnx;

/// <summary>
/// Writes a graph and its weights: <c>model.onnx</c> and <c>model.onnx.data</c>, one weight after the other, so that no
/// more than what a weight's own writer buffers is in memory.
/// </summary>
internal static class OnnxModelWriter
{
    public const string ModelFile = "model.onnx";
    public const string DataFile = ModelFile + ".data";

    // ONNX Runtime maps weights that start on a page.
    private const int Alignment = 4096;
    private const int BufferInBytes = 1 << 20;

    /// <param name="graph">Complete.</param>
    /// <param name="folder">Exists; files of these names are replaced.</param>
    /// <param name="report">Called before each weight with its name and the bytes of weights written before it.</param>
    public static void Write(OnnxGraph graph, string folder, Action<string, long> report)
    {
        var offsets = new List<long>();
        var written = 0L;
        var byName = new Dictionary<string, long>(StringComparer.Ordinal);
        using (var data = new FileStream(Path.Combine(folder, DataFile), FileMode.Create, FileAccess.Write, FileShare.None, BufferInBytes))
        {
            foreach (var weight in graph.Weights)
            {
                if (weight.SharedWith is null)
                    report(weight.Name, written);
                var offset = weight.SharedWith is { } other ? byName[other] : WriteWeight(data, weight);
                written += weight.SharedWith is null ? weight.SizeInBytes : 0;
                offsets.Add(offset);
                byName.Add(weight.Name, offset);
            }
        }

        using var model = new FileStream(Path.Combine(folder, ModelFile), FileMode.Create, FileAccess.Write, FileShare.None);
        model.Write(graph.Encode(DataFile, offsets));
    }

    private static long WriteWeight(FileStream data, OnnxWeight weight)
    {
        for (; data.Position % Alignment != 0;)
            data.WriteByte(0);
        var offset = data.Position;
        weight.Write!(data);
        if (data.Position - offset != weight.SizeInBytes)
            throw new InvalidOperationException($"'{weight.Name}' is {data.Position - offset} bytes of {weight.SizeInBytes}.");
        return offset;
    }
}
