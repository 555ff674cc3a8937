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

    // The longest windows of published models have 262,144 tokens.
    private const int MaxWindowLength = 1 << 18;

    private readonly ExternalData _external;
    private readonly WeightCensus _weights = new();
    private readonly TensorReader _tensors;
    private readonly HashSet<string> _operators = new(StringComparer.Ordinal);
    private readonly HashSet<string> _rotaryTables = new(StringComparer.Ordinal);
    private int _windowLength;
    private int _nodeCount;

    private OnnxGraphReader(string folder)
    {
        _external = new ExternalData(folder);
        _tensors = new TensorReader(_external, _weights);
    }

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

        inputs.RemoveAll(input => _tensors.Rows.ContainsKey(input.Name));
        var (parameterCount, sizeInBytes, weightBits) = _weights.Total();
        return new OnnxGraph
        {
            Inputs = inputs,
            Outputs = outputs,
            Operators = _operators,
            RotaryLength = _rotaryTables.Select(name => _tensors.Rows.GetValueOrDefault(name)).Where(rows => rows > 0).DefaultIfEmpty(0).Min(),
            WindowLength = _windowLength,
            ParameterCount = parameterCount,
            WeightsSizeInBytes = sizeInBytes,
            WeightBits = weightBits,
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
                    _tensors.Read(reader.Message, isTopLevel: depth == 0);
                    break;
                case 11 when inputs is not null:
                    inputs.Add(GraphValueReader.Read(reader.Message));
                    break;
                case 12 when outputs is not null:
                    outputs.Add(GraphValueReader.Read(reader.Message));
                    break;
                case 15:
                    _tensors.ReadSparse(reader.Message);
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
                ReadAttribute(reader.Message, depth: 1, integers: null);
        }
    }

    private void ReadNode(ProtoReader reader, int depth)
    {
        if (++_nodeCount > MaxNodes)
            throw new ModelLoadException($"it has more than {MaxNodes} nodes");

        var operation = "";
        var inputs = new List<string>();
        var integers = new Dictionary<string, long>(StringComparer.Ordinal);
        while (reader.Read())
        {
            switch (reader.Field)
            {
                case 1:
                    inputs.Add(reader.Text);
                    break;
                case 4:
                    operation = reader.Text;
                    break;
                case 5:
                    ReadAttribute(reader.Message, depth, integers);
                    break;
            }
        }

        _operators.Add(operation);
        _weights.Use(operation, inputs, integers);

        // Input 7 of GroupQueryAttention: its rows are the positions that can be rotated.
        if (operation == "GroupQueryAttention" && inputs.Count > 7 && inputs[7].Length > 0)
            _rotaryTables.Add(inputs[7]);
        if (operation == "GroupQueryAttention" && integers.GetValueOrDefault("sliding_window_cache") != 0)
            _windowLength = Math.Max(_windowLength, CheckWindow(integers.GetValueOrDefault("local_window_size")));
    }

    private static int CheckWindow(long length) => length is > 0 and <= MaxWindowLength
        ? (int)length
        : throw new ModelLoadException($"sliding_window_cache goes with a local_window_size of {length}; 1 to {MaxWindowLength} are supported");

    private void ReadAttribute(ProtoReader reader, int depth, Dictionary<string, long>? integers)
    {
        var name = "";
        long? integer = null;
        while (reader.Read())
        {
            switch (reader.Field)
            {
                case 1:
                    name = reader.Text;
                    break;
                case 3:
                    integer = (long)reader.Number;
                    break;
                case 5 or 10:
                    _tensors.Read(reader.Message, isTopLevel: false);
                    break;
                case 6 or 11:
                    ReadGraph(reader.Message, depth + 1, inputs: null, outputs: null);
                    break;
                case 22 or 23:
                    _tensors.ReadSparse(reader.Message);
                    break;
            }
        }

        if (integers is not null && integer is { } value)
            integers[name] = value;
    }
}
