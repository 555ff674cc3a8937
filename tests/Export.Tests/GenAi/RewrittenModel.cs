using ModelRunner.Gguf;

namespace ModelRunner.Export.Tests.GenAi;

/// <summary>A random model with other metadata, further tensors, or shorter values than keys.</summary>
internal static class RewrittenModel
{
    /// <summary>Writes it, and gives the path back.</summary>
    public static string Write(
        string path, RandomModelOptions options, Action<Dictionary<string, GgufValue>> change,
        (string Name, GgufTensorType Type)[] added, bool hasHalfValues = false)
    {
        using var stream = new MemoryStream();
        RandomModel.Write(stream, options);
        var source = GgufFile.Read(stream);
        var values = source.Metadata.Entries.ToDictionary(entry => entry.Key, entry => entry.Value);
        change(values);
        var writer = new GgufWriter();
        foreach (var (key, value) in values)
            writer.Set(key, value);
        if (values["general.architecture"].TryGetText(out var architecture) && architecture != options.Architecture)
            foreach (var (key, value) in values)
                writer.Set(key.Replace($"{options.Architecture}.", $"{architecture}.", StringComparison.Ordinal), value);
        foreach (var tensor in source.Tensors)
        {
            long[] shape = [.. tensor.Shape];
            var halved = !hasHalfValues ? -1 : tensor.Name.EndsWith("attn_v.weight", StringComparison.Ordinal) ? 1
                : tensor.Name.EndsWith("attn_output.weight", StringComparison.Ordinal) ? 0 : -1;
            if (halved >= 0)
                shape[halved] /= 2;
            writer.AddTensor(tensor.Name, tensor.Type, shape, target => target.Write(
                stream.GetBuffer(), (int)(source.DataOffset + tensor.Offset), (int)(halved >= 0 ? tensor.SizeInBytes / 2 : tensor.SizeInBytes)));
        }

        foreach (var (name, type) in added)
        {
            long[] shape = name == "output.weight" ? [64, 512] : [128];
            writer.AddTensor(name, type, shape, target => target.Write(new byte[shape.Aggregate(1L, (a, b) => a * b) / type.BlockLength() * type.BlockSizeInBytes()]));
        }

        writer.Write(path);
        return path;
    }
}
