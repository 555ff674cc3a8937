using System.Text;

namespace ModelRunner.Engines.Onnx.Graphs;

/// <summary>
/// Makes a graph compute the logits of wanted positions alone. Exports multiply the last hidden state of every token
/// with the output matrix; a <c>Gather</c> before that matrix, by a new input, leaves the rest out.
/// </summary>
internal static class LogitsPruning
{
    /// <summary>The new input: positions along the token axis, int64 <c>[count]</c>.</summary>
    public const string IndicesName = "modelrunner.logits_indices";

    private const string PrunedName = "modelrunner.pruned_states";

    // Cast, scale, soft cap and the like, which may follow the product.
    private static readonly HashSet<string> Elementwise = new(StringComparer.Ordinal) { "Cast", "Mul", "Div", "Tanh", "Add", "Identity" };

    private static readonly HashSet<string> Products = new(StringComparer.Ordinal) { "MatMul", "MatMulNBits" };

    private readonly record struct Node(int Start, int End, string Operation, List<string> Inputs, List<string> Outputs);

    /// <summary>The edited file, or null when the output is not a product that the edit knows.</summary>
    /// <param name="model">A file that <see cref="OnnxGraphReader"/> has accepted.</param>
    /// <param name="logits">Name of the output.</param>
    public static byte[]? TryApply(ReadOnlySpan<byte> model, string logits)
    {
        var outer = new ProtoReader(model);
        while (outer.Read())
            if (outer.Field == 7)
                return TryApply(model, outer.Bytes, outer.Start, outer.End, logits);

        return null;
    }

    private static byte[]? TryApply(ReadOnlySpan<byte> model, ReadOnlySpan<byte> graph, int start, int end, string logits)
    {
        if (FindProduct(graph, logits) is not { } product)
            return null;

        var insertion = new ProtoBytes();
        insertion.Message(1, node =>
        {
            node.Text(1, product.Inputs[0]);
            node.Text(1, IndicesName);
            node.Text(2, PrunedName);
            node.Text(3, PrunedName);
            node.Text(4, "Gather");
            node.Message(5, axis =>
            {
                axis.Text(1, "axis");
                axis.Integer(3, 1);
                axis.Integer(20, 2);
            });
        });
        Rewire(insertion, graph[product.Start..product.End]);

        var input = new ProtoBytes();
        input.Message(11, value =>
        {
            value.Text(1, IndicesName);
            value.Message(2, type => type.Message(1, tensor =>
            {
                tensor.Integer(1, (int)ElementType.Int64);
                tensor.Message(2, shape => shape.Message(1, dimension => dimension.Text(2, "logits_count")));
            }));
        });

        var head = new ProtoBytes();
        head.LengthPrefix(7, graph.Length - (product.End - product.Start) + insertion.Written.Length + input.Written.Length);
        return
        [
            .. model[..start], .. head.Written,
            .. graph[..product.Start], .. insertion.Written, .. graph[product.End..], .. input.Written,
            .. model[end..],
        ];
    }

    /// <summary>Writes a node anew, with the pruned states as its first input.</summary>
    private static void Rewire(ProtoBytes output, ReadOnlySpan<byte> field)
    {
        var reader = new ProtoReader(field);
        reader.Read();
        var node = new ProtoBytes();
        var bytes = reader.Bytes;
        var fields = reader.Message;
        var isFirst = true;
        while (fields.Read())
        {
            if (fields.Field == 1 && isFirst)
            {
                isFirst = false;
                node.Text(1, PrunedName);
            }
            else
            {
                node.Raw(bytes[fields.Start..fields.End]);
            }
        }

        output.LengthPrefix(1, node.Written.Length);
        output.Raw(node.Written);
    }

    private static Node? FindProduct(ReadOnlySpan<byte> graph, string logits)
    {
        var producers = new Dictionary<string, Node>(StringComparer.Ordinal);
        var reader = new ProtoReader(graph);
        while (reader.Read())
        {
            if (reader.Field != 1)
                continue;
            var node = ReadNode(reader.Message, reader.Start, reader.End);
            foreach (var output in node.Outputs)
                producers[output] = node;
        }

        // Backwards over what works on each element: the path is as long as the graph at most.
        var name = logits;
        for (var steps = 0; steps < 16 && producers.TryGetValue(name, out var node); steps++)
        {
            if (Products.Contains(node.Operation))
                return node.Inputs.Count >= 2 && IsWhole(producers, node.Inputs[0]) ? node : null;
            if (!Elementwise.Contains(node.Operation))
                return null;

            // A scale or bias is a constant, which no node makes but Constant.
            var next = node.Inputs.Find(input =>
                producers.TryGetValue(input, out var producer) && producer.Operation != "Constant");
            if (next is null)
                return null;
            name = next;
        }

        return null;
    }

    /// <summary>Whether the states still have their batch and token axes, as far as can be seen.</summary>
    private static bool IsWhole(Dictionary<string, Node> producers, string states) =>
        producers.TryGetValue(states, out var node)
        && node.Operation is not ("Reshape" or "Squeeze" or "Gather" or "GatherND" or "Slice" or "Flatten");

    private static Node ReadNode(ProtoReader reader, int start, int end)
    {
        var operation = "";
        List<string> inputs = [], outputs = [];
        while (reader.Read())
        {
            switch (reader.Field)
            {
                case 1:
                    inputs.Add(Encoding.UTF8.GetString(reader.Bytes));
                    break;
                case 2:
                    outputs.Add(Encoding.UTF8.GetString(reader.Bytes));
                    break;
                case 4:
                    operation = Encoding.UTF8.GetString(reader.Bytes);
                    break;
            }
        }

        return new Node(start, end, operation, inputs, outputs);
    }
}
