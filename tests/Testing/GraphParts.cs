using System.Runtime.InteropServices;
using ModelRunner.Export.Onnx;

namespace ModelRunner.Testing;

/// <summary>What graphs of tests are made of.</summary>
internal static class GraphParts
{
    /// <summary>Floats as a weight; the same name again is the same weight.</summary>
    public static string Floats(this OnnxGraph graph, string name, float[] values, params long[] shape) => graph.Once(new OnnxWeight(
        name, OnnxElementType.Float32, shape, stream => stream.Write(MemoryMarshal.AsBytes(values.AsSpan()))));

    /// <summary>A weight, unless there is one of its name.</summary>
    public static string Once(this OnnxGraph graph, OnnxWeight weight) =>
        graph.Weights.Any(other => other.Name == weight.Name) ? weight.Name : graph.Weight(weight);

    public static string Cast(this OnnxGraph graph, string name, string value, OnnxElementType type) =>
        graph.Add(name, "Cast", [value], OnnxAttribute.From("to", (long)type));

    /// <summary>The second dimension of a value, as a number.</summary>
    public static string Length(this OnnxGraph graph, string name, string value) => graph.Add(
        name, "Gather", [graph.Add($"{name}/shape", "Shape", [value]), graph.Constant("/axis", [1])]);
}
