using System.Numerics.Tensors;
using ModelRunner.Abstractions.Tokens;

namespace ModelRunner.Engines.Onnx.Embedding;

/// <summary>Makes one vector of the hidden states of an input. Pure.</summary>
internal static class StatePooling
{
    /// <param name="states"><c>[tokens, width]</c>, of the input's own tokens.</param>
    /// <param name="pooling">Mean, first or last.</param>
    /// <param name="vector"><c>[width]</c>.</param>
    public static void Pool(ReadOnlySpan<float> states, PoolingKind pooling, Span<float> vector)
    {
        var width = vector.Length;
        switch (pooling)
        {
            case PoolingKind.First:
                states[..width].CopyTo(vector);
                break;
            case PoolingKind.Last:
                states[^width..].CopyTo(vector);
                break;
            default:
                vector.Clear();
                for (var start = 0; start < states.Length; start += width)
                    TensorPrimitives.Add(vector, states.Slice(start, width), vector);
                TensorPrimitives.Divide(vector, states.Length / width, vector);
                break;
        }
    }
}
