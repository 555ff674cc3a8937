using ModelRunner.Engines.Onnx.Graphs;

namespace ModelRunner.Engines.Onnx.Decoding;

/// <summary>One layer's keys, values or both, as the graph takes and gives them.</summary>
/// <param name="Past">Name of the input.</param>
/// <param name="Present">Name of the output.</param>
/// <param name="Type">Type of an element.</param>
/// <param name="Parts">2 where keys and values are one tensor <c>[2, batch, heads, tokens, width]</c>, otherwise 1.</param>
/// <param name="HeadCount">Heads.</param>
/// <param name="Width">Elements of a head for one token.</param>
internal sealed record KvTensor(string Past, string Present, ElementType Type, int Parts, int HeadCount, int Width)
{
    /// <summary>Dimensions of a tensor at most.</summary>
    public const int MaxRank = 5;

    /// <summary>Runs of consecutive tokens that a sequence has.</summary>
    public int StripCount => Parts * HeadCount;

    /// <summary>Bytes of one token in one strip.</summary>
    public int TokenSizeInBytes => Width * Type.SizeInBytes();

    /// <summary>The shape for so many sequences and tokens.</summary>
    public long[] Shape(int batch, int tokens) => [.. Shape(batch, tokens, stackalloc long[MaxRank])];

    /// <summary>The same in the caller's memory.</summary>
    public ReadOnlySpan<long> Shape(int batch, int tokens, Span<long> memory)
    {
        // Keys and values in one tensor have the parts in front.
        (memory[0], memory[1], memory[2], memory[3], memory[4]) = (Parts, batch, HeadCount, tokens, Width);
        return Parts == 1 ? memory[1..] : memory;
    }
}
