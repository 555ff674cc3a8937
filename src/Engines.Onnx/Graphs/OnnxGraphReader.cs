using ModelRunner.Abstractions.Errors;

namespace ModelRunner.Engines.Onnx.Graphs;

/// <summary>
/// Walks a whole ONNX file, subgraphs and functions included, before ONNX Runtime sees it: every tensor has the bytes
/// that its shape needs, and external data lies inside the folder. One pass; memory grows with names, not with weights.
/// </summary>
internal sealed class OnnxGraphReader
{
    // Far above real graphs: bounds for what a hostile one may cost.
    private const int MaxDepth = 32;
    private const int MaxNodes = 1 << 20;
    private const int MaxTensors = 1 << 20;
    private const int MaxRank = 16;

    private readonly ExternalData _external;
    private readonly HashSet<string> _operators = new(StringComparer.Ordinal);
    private readonly Dictionary<int, long> _bytesByBits = [];
    private readonly Dictionary<string, long> _topLevelRows = new(StringComparer.Ordinal);
    private readonly HashSet<string> _rotaryTables = new(StringComparer.Ordinal);
    private int _nodeCount;
    private int _tensorCount;
    private long _parameterCount;
    private long _sizeInBytes;

    private OnnxGraphReader(string folder) => _external = new ExternalData(folder);

    /// <summary>Reads and checks a file's bytes.</summary>
    /// <param name="model">The ModelProto.</param>
    /// <param name="folder">Full path of the folder that its external data must lie in.</param>
    /// <exception cref="ModelLoadException">It is broken, or names files that it may not use.</exception>
    public static OnnxGraph Read(ReadOnlySpan<byte> model, string folder) => new OnnxGraphReader(folder).ReadModel(model);

    private OnnxGraph ReadModel(ReadOnlySpan<byte> bytes)
    {
        List<GraphValue> inputs = [], outputs = [];
        var hasGraph = false;
        var reader = new ProtoReader(bytes);
        while (reader.Read())
        {
            switch (reader.Field)
            {
                case 7 when hasGraph:
                    // A second one would be merged into the first by some readers, and replace it for others.
                    throw new ModelLoadException("it holds more than one graph");
                case 7:
                    hasGraph = true;
                    ReadGraph(reader.Message, depth: 0, inputs, outputs);
                    break;
                case 20:
                    throw new ModelLoadException("it holds training information, which is not supported");
                case 25:
                    ReadFunction(reader.Message);
                    break;
            }
        }

        if (!hasGraph)
            throw new ModelLoadException("it holds no graph");

        inputs.RemoveAll(input => _topLevelRows.ContainsKey(input.Name));
        return new OnnxGraph
        {
            Inputs = inputs,
            Outputs = outputs,
            Operators = _operators,
            RotaryLength = _rotaryTables.Select(name => _topLevelRows.GetValueOrDefault(name)).Where(rows => rows > 0).DefaultIfEmpty(0).Min(),
            ParameterCount = _parameterCount,
            WeightsSizeInBytes = _sizeInBytes,
            WeightBits = _bytesByBits.Count == 0 ? 0 : _bytesByBits.MaxBy(pair => pair.Value).Key,
            DataFiles = _external.Files,
        };
    }

    private void ReadGraph(ProtoReader reader, int depth, List<GraphValue>? inputs, List<GraphValue>? outputs)
    {
        if (depth > MaxDepth)
            throw new ModelLoadException($"its subgraphs are nested more than {MaxDepth} deep");

        while (reader.Read())
        {
            switch (reader.Field)
            {
                case 1:
                    ReadNode(reader.Message, depth);
                    break;
                case 5:
                    ReadTensor(reader.Message, isTopLevel: depth == 0);
                    break;
                case 11 when inputs is not null:
                    inputs.Add(ReadValue(reader.Message));
                    break;
                case 12 when outputs is not null:
                    outputs.Add(ReadValue(reader.Message));
                    break;
                case 15:
                    ReadSparseTensor(reader.Message);
                    break;
            }
        }
    }

    private void ReadFunction(ProtoReader reader)
    {
        while (reader.Read())
        {
            if (reader.Field == 7)
                ReadNode(reader.Message, depth: 1);
            else if (reader.Field == 11)
                ReadAttribute(reader.Message, depth: 1);
        }
    }

    private void ReadNode(ProtoReader reader, int depth)
    {
        if (++_nodeCount > MaxNodes)
            throw new ModelLoadException($"it has more than {MaxNodes} nodes");

        string operation = "", cosines = "";
        var inputCount = 0;
        while (reader.Read())
        {
            switch (reader.Field)
            {
                case 1:
                    // Input 7 of GroupQueryAttention: its rows are the positions that can be rotated.
                    if (inputCount++ == 7)
                        cosines = reader.Text;
                    break;
                case 4:
                    operation = reader.Text;
                    break;
                case 5:
                    ReadAttribute(reader.Message, depth);
                    break;
            }
        }

        _operators.Add(operation);
        if (operation == "GroupQueryAttention" && cosines.Length > 0)
            _rotaryTables.Add(cosines);
    }

    private void ReadAttribute(ProtoReader reader, int depth)
    {
        while (reader.Read())
        {
            switch (reader.Field)
            {
                case 5 or 10:
                    ReadTensor(reader.Message, isTopLevel: false);
                    break;
                case 6 or 11:
                    ReadGraph(reader.Message, depth + 1, inputs: null, outputs: null);
                    break;
                case 22 or 23:
                    ReadSparseTensor(reader.Message);
                    break;
            }
        }
    }

    private void ReadSparseTensor(ProtoReader reader)
    {
        while (reader.Read())
            if (reader.Field is 1 or 2)
                ReadTensor(reader.Message, isTopLevel: false);
    }

    private void ReadTensor(ProtoReader reader, bool isTopLevel)
    {
        if (++_tensorCount > MaxTensors)
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
                    ReadNumbers(reader, shape);
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

        var size = SizeOf(name, type, shape, out var count);
        if (isExternal || entries is not null)
        {
            if (inside > 0)
                throw new ModelLoadException($"'{name}' has its data inside the file and beside it");
            _external.Check(name, entries ?? [], size);
        }
        else if (hasRaw && inside != size)
        {
            throw new ModelLoadException($"'{name}' has {inside} bytes, its shape needs {size}");
        }
        else if (inside == 0 && count > 0)
        {
            throw new ModelLoadException($"'{name}' has no data");
        }

        Count(type, count, size);
        if (isTopLevel)
            _topLevelRows[name] = shape.Count > 0 ? shape[0] : 1;
    }

    private void Count(ElementType type, long count, long size)
    {
        var bits = type.SizeInBits();
        // Most int4 graphs hold two weights in a byte; indices and shapes are no weights.
        if (type is ElementType.Int64 or ElementType.Int32 or ElementType.Bool or ElementType.Text)
            return;
        _parameterCount = SaturatingAdd(_parameterCount, count);
        _sizeInBytes = SaturatingAdd(_sizeInBytes, size);
        _bytesByBits[bits] = SaturatingAdd(_bytesByBits.GetValueOrDefault(bits), size);
    }

    private static long SaturatingAdd(long left, long right) => left > long.MaxValue - right ? long.MaxValue : left + right;

    private static long SizeOf(string name, ElementType type, List<long> shape, out long count)
    {
        if (type is ElementType.Undefined || !Enum.IsDefined(type))
            throw new ModelLoadException($"'{name}' has the unknown element type {(int)type}");
        if (shape.Count > MaxRank)
            throw new ModelLoadException($"'{name}' has {shape.Count} dimensions");

        Int128 total = 1;
        foreach (var length in shape)
        {
            total *= length < 0 ? throw new ModelLoadException($"'{name}' has a dimension of {length}") : length;
            if (total > long.MaxValue / 16)
                throw new ModelLoadException($"the dimensions of '{name}' are too large");
        }

        count = (long)total;
        return (count * type.SizeInBits() + 7) / 8;
    }

    private static void ReadNumbers(in ProtoReader reader, List<long> numbers)
    {
        if (!reader.HasBytes)
        {
            AddBounded(numbers, (long)reader.Number);
            return;
        }

        // Packed: the same numbers without their tags.
        var position = 0;
        while (position < reader.Bytes.Length)
        {
            ulong value = 0;
            var shift = 0;
            byte next;
            do
            {
                if (position == reader.Bytes.Length || shift > 63)
                    throw new ModelLoadException("broken protobuf: a list of numbers ends inside one");
                next = reader.Bytes[position++];
                value |= (ulong)(next & 0x7F) << shift;
                shift += 7;
            }
            while (next >= 0x80);
            AddBounded(numbers, (long)value);
        }
    }

    private static void AddBounded(List<long> numbers, long value)
    {
        if (numbers.Count > MaxRank)
            throw new ModelLoadException($"a tensor has more than {MaxRank} dimensions");
        numbers.Add(value);
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

    private static GraphValue ReadValue(ProtoReader reader)
    {
        var name = "";
        var type = ElementType.Undefined;
        var shape = new List<long>();
        while (reader.Read())
        {
            if (reader.Field == 1)
                name = reader.Text;
            else if (reader.Field == 2)
                type = ReadType(reader.Message, shape);
        }

        return new GraphValue(name, type, shape);
    }

    private static ElementType ReadType(ProtoReader reader, List<long> shape)
    {
        var type = ElementType.Undefined;
        while (reader.Read())
        {
            if (reader.Field != 1)
                continue;
            var tensor = reader.Message;
            while (tensor.Read())
            {
                if (tensor.Field == 1)
                    type = (ElementType)Math.Min(tensor.Number, int.MaxValue);
                else if (tensor.Field == 2)
                    ReadShape(tensor.Message, shape);
            }
        }

        return type;
    }

    private static void ReadShape(ProtoReader reader, List<long> shape)
    {
        while (reader.Read())
        {
            if (reader.Field != 1)
                continue;
            long length = -1;
            var dimension = reader.Message;
            while (dimension.Read())
                if (dimension.Field == 1)
                    length = (long)dimension.Number;
            AddBounded(shape, length < 0 ? -1 : length);
        }
    }
}
