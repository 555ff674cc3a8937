using Microsoft.ML.OnnxRuntime;
using ModelRunner.Engines.Onnx.Graphs;

namespace ModelRunner.Engines.Onnx.Runtime;

/// <summary>A session's own account of its inputs and outputs.</summary>
internal static class SessionValues
{
    public static IReadOnlyList<GraphValue> Read(IReadOnlyDictionary<string, NodeMetadata> values) =>
    [
        .. values.Select(value => value.Value.IsTensor
            ? new GraphValue(
                value.Key,
                (ElementType)(int)value.Value.ElementDataType,
                [.. value.Value.Dimensions.Select(length => (long)length)])
            : new GraphValue(value.Key, ElementType.Undefined, [])),
    ];
}
