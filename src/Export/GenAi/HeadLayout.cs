namespace ModelRunner.Export.GenAi;

/// <summary>
/// Where the elements of a head go. In the graph rotary pairs are half a head apart: pair p is elements p and
/// p + length / 2. Elements that are not rotated, and zeros, fill the other pairs. Scores are sums over a head, so any
/// order serves that queries and keys share.
/// </summary>
internal static class HeadLayout
{
    /// <summary>For each element of a query or key head in the graph its place in the GGUF, or -1 for a zero.</summary>
    public static int[] Rotated(DecoderShape shape)
    {
        var half = shape.PaddedHeadLength / 2;
        var pairs = shape.RotaryLength / 2;
        var layout = new int[shape.PaddedHeadLength];
        for (var pair = 0; pair < half; pair++)
        {
            var (first, second) = pair >= pairs ? (2 * pair, 2 * pair + 1)
                : shape.PairsAreNeighbours ? (2 * pair, 2 * pair + 1)
                : (pair, pair + pairs);
            layout[pair] = first < shape.HeadLength ? first : -1;
            layout[pair + half] = second < shape.HeadLength ? second : -1;
        }

        return layout;
    }

    /// <summary>For each element of a value head in the graph its place in the GGUF, or -1 for a zero.</summary>
    public static int[] Straight(DecoderShape shape)
    {
        var layout = new int[shape.PaddedHeadLength];
        for (var i = 0; i < layout.Length; i++)
            layout[i] = i < shape.HeadLength ? i : -1;
        return layout;
    }

    /// <summary>The same for all heads, one after the other.</summary>
    public static int[] Repeat(int[] layout, int headCount, int headLength)
    {
        var all = new int[headCount * layout.Length];
        for (var i = 0; i < all.Length; i++)
            all[i] = layout[i % layout.Length] is >= 0 and var place ? i / layout.Length * headLength + place : -1;
        return all;
    }
}
