using System.Buffers.Binary;

namespace ModelRunner.Export.Onnx;

/// <summary>
/// A graph as it is built: nodes in the order of computation, small constants inside, weights by reference. Names of
/// values are those of the nodes that make them.
/// </summary>
internal sealed class OnnxGraph(string name)
{
    private const string ContribDomain = "com.microsoft";

    // ONNX 1.16: every operator used here is in its final form.
    private const int IrVersion = 10;
    private const int OperatorSet = 21;
    private readonly ProtoWriter _nodes = new();
    private readonly ProtoWriter _constants = new();
    private readonly ProtoWriter _values = new();
    private readonly HashSet<string> _constantNames = new(StringComparer.Ordinal);
    private readonly List<OnnxWeight> _weights = [];

    /// <summary>In the order in which they are written.</summary>
    public IReadOnlyList<OnnxWeight> Weights => _weights;

    /// <summary>A node of the ONNX domain with one output, whose name is the node's.</summary>
    public string Add(string name, string operation, ReadOnlySpan<string> inputs, params ReadOnlySpan<OnnxAttribute> attributes)
    {
        AddNode(name, operation, "", inputs, [name], attributes);
        return name;
    }

    /// <summary>A node of the ONNX domain; an empty name leaves out an input or output.</summary>
    public void AddNode(
        string name, string operation, ReadOnlySpan<string> inputs, ReadOnlySpan<string> outputs,
        params ReadOnlySpan<OnnxAttribute> attributes) =>
        AddNode(name, operation, "", inputs, outputs, attributes);

    /// <summary>A node of ONNX Runtime's own domain; an empty name leaves out an input or output.</summary>
    public void AddContribNode(
        string name, string operation, ReadOnlySpan<string> inputs, ReadOnlySpan<string> outputs,
        params ReadOnlySpan<OnnxAttribute> attributes) =>
        AddNode(name, operation, ContribDomain, inputs, outputs, attributes);

    /// <summary>An integer constant of this shape inside the graph; the same name again is the same constant.</summary>
    public string Constant(string name, ReadOnlySpan<long> values, params ReadOnlySpan<long> shape)
    {
        if (!_constantNames.Add(name))
            return name;
        var bytes = new byte[8 * values.Length];
        for (var i = 0; i < values.Length; i++)
            BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(8 * i), values[i]);
        var dimensions = shape.ToArray();
        _constants.Message(5, tensor =>
        {
            WriteTensorHeader(tensor, name, OnnxElementType.Int64, dimensions);
            tensor.Bytes(9, bytes);
        });
        return name;
    }

    /// <summary>A weight in the external data.</summary>
    public string Weight(OnnxWeight weight)
    {
        _weights.Add(weight);
        return weight.Name;
    }

    /// <summary>An input; a dimension is a number or a name.</summary>
    public void Input(string name, OnnxElementType type, params string[] shape) => Value(11, name, type, shape);

    /// <summary>An output; a dimension is a number or a name.</summary>
    public void Output(string name, OnnxElementType type, params string[] shape) => Value(12, name, type, shape);

    /// <summary>The whole ModelProto.</summary>
    /// <param name="dataFile">Name of the file with the weights, beside the model.</param>
    /// <param name="offsets">Bytes from its start to each of <see cref="Weights"/>.</param>
    public ReadOnlySpan<byte> Encode(string dataFile, IReadOnlyList<long> offsets)
    {
        var model = new ProtoWriter();
        model.Integer(1, IrVersion);
        model.Text(2, "ModelRunner");
        model.Message(7, graph => WriteGraph(graph, dataFile, offsets));
        model.Message(8, import => WriteImport(import, "", OperatorSet));
        model.Message(8, import => WriteImport(import, ContribDomain, 1));
        return model.Written;
    }

    private void WriteGraph(ProtoWriter graph, string dataFile, IReadOnlyList<long> offsets)
    {
        graph.Raw(_nodes.Written);
        graph.Text(2, name);
        graph.Raw(_constants.Written);
        for (var i = 0; i < _weights.Count; i++)
        {
            var (weight, offset) = (_weights[i], offsets[i]);
            graph.Message(5, tensor =>
            {
                WriteTensorHeader(tensor, weight.Name, weight.Type, weight.Shape);
                WriteEntry(tensor, "location", dataFile);
                WriteEntry(tensor, "offset", FormattableString.Invariant($"{offset}"));
                WriteEntry(tensor, "length", FormattableString.Invariant($"{weight.SizeInBytes}"));
                tensor.Integer(14, 1);
            });
        }

        graph.Raw(_values.Written);
    }

    private void AddNode(
        string name, string operation, string domain, ReadOnlySpan<string> inputs, ReadOnlySpan<string> outputs,
        ReadOnlySpan<OnnxAttribute> attributes)
    {
        var node = new ProtoWriter();
        foreach (var input in inputs)
            node.Text(1, input);
        foreach (var output in outputs)
            node.Text(2, output);
        node.Text(3, name);
        node.Text(4, operation);
        foreach (var attribute in attributes)
            node.Message(5, attribute.Write);
        node.Text(7, domain);
        _nodes.Bytes(1, node.Written);
    }

    private void Value(int field, string name, OnnxElementType type, string[] shape) => _values.Message(field, value =>
    {
        value.Text(1, name);
        value.Message(2, container => container.Message(1, tensor =>
        {
            tensor.Integer(1, (int)type);
            tensor.Message(2, dimensions =>
            {
                foreach (var length in shape)
                    dimensions.Message(1, dimension => WriteDimension(dimension, length));
            });
        }));
    });

    private static void WriteDimension(ProtoWriter dimension, string length)
    {
        if (long.TryParse(length, out var number))
            dimension.Integer(1, number);
        else
            dimension.Text(2, length);
    }

    private static void WriteTensorHeader(ProtoWriter tensor, string name, OnnxElementType type, IReadOnlyList<long> shape)
    {
        foreach (var length in shape)
            tensor.Integer(1, length);
        tensor.Integer(2, (int)type);
        tensor.Text(8, name);
    }

    private static void WriteEntry(ProtoWriter tensor, string key, string value) => tensor.Message(13, entry =>
    {
        entry.Text(1, key);
        entry.Text(2, value);
    });

    private static void WriteImport(ProtoWriter import, string domain, int version)
    {
        import.Text(1, domain);
        import.Integer(2, version);
    }
}
