using System.Runtime.InteropServices;
using ModelRunner.Export.Onnx;
using ModelRunner.Gguf;

namespace ModelRunner.Export.GenAi;

/// <summary>Adds the operations that have weights, and keeps account of which tensors of the GGUF they took.</summary>
internal sealed class GraphWeights(
    OnnxGraph graph, GgufFile file, TensorReader reader, MatrixEncoder encoder, int accuracyLevel, CancellationToken cancellation)
{
    private readonly HashSet<string> _taken = new(StringComparer.Ordinal);

    /// <summary>The tensor of that name, or null.</summary>
    public GgufTensor? Find(string name)
    {
        var tensor = file.FindTensor(name);
        if (tensor is null)
            return null;
        _taken.Add(name);
        return Dequantizer.Supports(tensor.Type) ? tensor
            : throw new ConversionException($"tensor '{name}' has the type {tensor.Type}, which cannot be converted");
    }

    /// <summary>The tensor of that name.</summary>
    public GgufTensor Take(string name) =>
        Find(name) ?? throw new ConversionException($"tensor '{name}' is missing");

    /// <summary>A tensor that the graph has no place for would be left out in silence.</summary>
    public void RequireAllTaken()
    {
        if (file.Tensors.FirstOrDefault(tensor => !_taken.Contains(tensor.Name)) is { } left)
            throw new ConversionException($"tensor '{left.Name}' has no place in this architecture, so the model cannot be converted");
    }

    public WeightMatrix Matrix(string tensor, int[]? columns = null) => WeightMatrix.From(reader, Take(tensor), columns);

    public WeightMatrix Stack(params ReadOnlySpan<(GgufTensor Tensor, int[]? Rows)> parts) => WeightMatrix.Stack(reader, parts);

    public float[] ReadVector(GgufTensor tensor)
    {
        var values = new float[tensor.ElementCount];
        reader.ReadRow(tensor, 0, values);
        return values;
    }

    /// <summary>A vector as a weight.</summary>
    public string Vector(string name, float[] values) => graph.Weight(new OnnxWeight(
        name, OnnxElementType.Float32, [values.Length], stream => stream.Write(MemoryMarshal.AsBytes(values.AsSpan()))));

    /// <summary>
    /// The product of an input with a matrix, whose weights are named after the projection; or, where the matrix is
    /// quantised and stands in the file already, with the bytes that are shared.
    /// </summary>
    public string MatMul(
        string name, string input, string output, WeightMatrix matrix, WeightPrecision precision, QuantizedMatrix? shared = null)
    {
        if (precision is WeightPrecision.Fp32 or WeightPrecision.Fp16)
        {
            var weight = Floats($"{name}.weight", precision, [matrix.RowLength, matrix.RowCount],
                (stream, asHalves) => encoder.WriteTransposed(matrix, asHalves, stream));
            graph.AddNode($"/{name}/MatMul", "MatMul", [input, weight], [output]);
            return output;
        }

        var bits = Bits(precision);
        var blocks = new BlockEncoder(matrix, bits, cancellation);
        var codes = graph.Weight(new OnnxWeight(
            $"{name}.weight_Q{bits}", OnnxElementType.UInt8, [matrix.RowCount, blocks.BlocksInRow, blocks.BlockSizeInBytes],
            shared is null ? blocks.WriteCodes : null, shared?.Codes));
        var scales = graph.Weight(new OnnxWeight(
            $"{name}.weight_scales", OnnxElementType.Float32, [matrix.RowCount, blocks.BlocksInRow],
            shared is null ? blocks.WriteScales : null, shared?.Scales));
        graph.AddContribNode(
            $"/{name}/MatMulNBits", "MatMulNBits", [input, codes, scales], [output],
            OnnxAttribute.From("K", matrix.RowLength),
            OnnxAttribute.From("N", matrix.RowCount),
            OnnxAttribute.From("bits", bits),
            OnnxAttribute.From("block_size", BlockEncoder.BlockLength),
            OnnxAttribute.From("accuracy_level", accuracyLevel));
        return output;
    }

    /// <summary>The rows of a table that token ids name, and the table where its bytes serve another operation too.</summary>
    public (string Output, QuantizedMatrix? Table) Gather(string name, string ids, WeightMatrix matrix, WeightPrecision precision)
    {
        var output = $"/{name}/Gather";
        var isQuantized = precision is WeightPrecision.Int8 or WeightPrecision.Int4;
        // GatherBlockQuantized has no padding at the end of a row.
        if (isQuantized && matrix.RowLength % BlockEncoder.BlockLength == 0)
        {
            var bits = Bits(precision);
            var blocks = new BlockEncoder(matrix, bits, cancellation);
            var table = new QuantizedMatrix(
                graph.Weight(new OnnxWeight(
                    $"{name}.weight_Q{bits}", OnnxElementType.UInt8, [matrix.RowCount, matrix.RowLength * bits / 8], blocks.WriteCodes)),
                graph.Weight(new OnnxWeight(
                    $"{name}.weight_scales", OnnxElementType.Float32, [matrix.RowCount, blocks.BlocksInRow], blocks.WriteScales)));
            graph.AddContribNode(
                output, "GatherBlockQuantized", [table.Codes, ids, table.Scales], [output],
                OnnxAttribute.From("gather_axis", 0),
                OnnxAttribute.From("quantize_axis", 1),
                OnnxAttribute.From("block_size", BlockEncoder.BlockLength),
                OnnxAttribute.From("bits", bits));
            return (output, table);
        }

        var asHalves = precision == WeightPrecision.Fp16;
        var rows = graph.Weight(new OnnxWeight(
            $"{name}.weight", asHalves ? OnnxElementType.Float16 : OnnxElementType.Float32, [matrix.RowCount, matrix.RowLength],
            stream => encoder.WriteRows(matrix, asHalves, stream)));
        graph.Add(output, "Gather", [rows, ids], OnnxAttribute.From("axis", 0));
        // Widened after the rows are chosen, so that the table stays as it is in memory.
        return (asHalves ? Widen(output) : output, null);
    }

    /// <summary>Halves are widened by a node that ONNX Runtime folds into the weight when it loads the model.</summary>
    private string Floats(string name, WeightPrecision precision, long[] shape, Action<Stream, bool> write)
    {
        var asHalves = precision == WeightPrecision.Fp16;
        var weight = graph.Weight(new OnnxWeight(
            name, asHalves ? OnnxElementType.Float16 : OnnxElementType.Float32, shape, stream => write(stream, asHalves)));
        return asHalves ? Widen(weight) : weight;
    }

    private string Widen(string value) =>
        graph.Add($"{value}/Cast", "Cast", [value], OnnxAttribute.From("to", (long)OnnxElementType.Float32));

    private static int Bits(WeightPrecision precision) => precision == WeightPrecision.Int4 ? 4 : 8;
}
