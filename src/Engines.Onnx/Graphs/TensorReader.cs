using ModelRunner.Abstractions.Errors;

namespace ModelRunner.Engines.Onnx.Graphs;

/// <summary>
/// Reads TensorProto wherever one stands: each has the bytes that its shape needs, inside the file or at an allowed
/// place beside it.
/// </summary>
/// <param name="external">Decides about places.</param>
/// <param name="weights">Learns of each tensor.</param>
internal sealed class TensorReader(ExternalData external, WeightCensus weights)
{
    // Far above real graphs: a bound for what a hostile one may cost.
    private const int MaxTensors = 1 << 20;

    private readonly Dictionary<string, long> _rows = new(StringComparer.Ordinal);
    private int _count;

    /// <summary>The first dimension of the graph's own tensors, by name.</summary>
    public IReadOnlyDictionary<string, long> Rows => _rows;

    /// <exception cref="ModelLoadException">It is broken, or its data lies where it may not.</exception>
    public void Read(ProtoReader reader, bool isTopLevel)
    {
        if (++_count > MaxTensors)
            throw new ModelLoadException($"it has more than {MaxTensors} tensors");

        var shape = new List<long>();
        var type = ElementType.Undefined;
        var name = "";
        long inside = 0;
        var hasRaw = false;
        var isExternal = false;
        Dictionary<string, string>? entries = null;
        while (reader.Read())
        {
            switch (reader.Field)
            {
                case 1:
                    TensorShape.AddAll(shape, reader);
                    break;
                case 2:
                    type = (ElementType)Math.Min(reader.Number, int.MaxValue);
                    break;
                case 8:
                    name = reader.Text;
                    break;
                case 9:
                    hasRaw = true;
                    inside += reader.Bytes.Length;
                    break;
                case 4 or 5 or 6 or 7 or 10 or 11:
                    inside += reader.HasBytes ? reader.Bytes.Length : 1;
                    break;
                case 13:
                    ReadEntry(reader.Message, entries ??= new(StringComparer.Ordinal), name);
                    break;
                case 14:
                    isExternal = reader.Number == 1;
                    break;
            }
        }

        if (type is ElementType.Undefined || !Enum.IsDefined(type))
            throw new ModelLoadException($"'{name}' has the unknown element type {(int)type}");
        var count = TensorShape.CountOf(name, shape);
        var size = (count * type.SizeInBits() + 7) / 8;
        string? place = null;
        if (isExternal || entries is not null)
        {
            if (inside > 0)
                throw new ModelLoadException($"'{name}' has its data inside the file and beside it");
            place = external.Check(name, entries ?? [], size);
        }
        else if (hasRaw && inside != size)
        {
            throw new ModelLoadException($"'{name}' has {inside} bytes, its shape needs {size}");
        }
        else if (inside == 0 && count > 0)
        {
            throw new ModelLoadException($"'{name}' has no data");
        }

        weights.Add(name, type, count, size, place);
        if (isTopLevel)
            _rows[name] = shape.Count > 0 ? shape[0] : 1;
    }

    /// <summary>Reads SparseTensorProto, which holds two of them.</summary>
    /// <inheritdoc cref="Read"/>
    public void ReadSparse(ProtoReader reader)
    {
        while (reader.Read())
            if (reader.Field is 1 or 2)
                Read(reader.Message, isTopLevel: false);
    }

    private static void ReadEntry(ProtoReader reader, Dictionary<string, string> entries, string tensor)
    {
        string key = "", value = "";
        while (reader.Read())
        {
            if (reader.Field == 1)
                key = reader.Text;
            else if (reader.Field == 2)
                value = reader.Text;
        }

        // Which of two counts is for every reader to choose: none may.
        if (!entries.TryAdd(key, value))
            throw new ModelLoadException($"the external data of '{tensor}' says '{key}' twice");
    }
}
