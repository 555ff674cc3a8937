using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ModelRunner.Generation.Sampling;

/// <summary>
/// Where a ranking is cut: kept is what is above <see cref="Threshold"/>, or equal to it at an index of at most
/// <see cref="TieLimit"/>. So on equal criteria the lower token id stays.
/// </summary>
/// <remarks>
/// Nothing is sorted but the candidates next to the cut. The threshold is bisected in the order of float bit
/// patterns, which halves the exponent range first; each step is one vectorised pass. It ends when few candidates are
/// left between the bounds, or when all of them are equal: at most 32 passes, usually below ten.
/// </remarks>
internal readonly record struct CandidateCut(float Threshold, int TieLimit, int Count)
{
    public const int BracketLimit = 128;

    private const int TopKGroupSize = 32;

    /// <summary>
    /// The k largest values; all that are above negative infinity when they are fewer. At least one value is.
    /// </summary>
    /// <param name="values">Without NaN and positive infinity.</param>
    /// <param name="k">At least 1.</param>
    /// <param name="max">The largest of the values.</param>
    /// <param name="groupMaxima">Scratch memory as long as the values.</param>
    /// <param name="rankKeys">Scratch memory, <see cref="BracketLimit"/> long.</param>
    public static CandidateCut TopK(
        ReadOnlySpan<float> values, int k, float max, Span<float> groupMaxima, Span<ulong> rankKeys)
    {
        var low = float.MinValue;
        if (k <= values.Length / (2 * TopKGroupSize))
        {
            // k groups have a maximum of at least the k-th largest group maximum, hence k values have: a lower bound
            // that is close unless the large logits crowd in few groups.
            groupMaxima = groupMaxima[..VocabularyScan.GroupMaxima(values, TopKGroupSize, groupMaxima)];
            var best = VocabularyScan.Max(groupMaxima);
            if (best > float.NegativeInfinity)
            {
                var bound = Find(groupMaxima, [], k, float.MinValue, best, rankKeys);
                low = bound.Count < k ? low : bound.Threshold;
            }
        }

        return Find(values, [], k, low, max, rankKeys);
    }

    /// <summary>
    /// The fewest candidates, best criterion first, whose weights reach the target; all candidates when it is out of
    /// reach. The criterion of the best and of whatever may be needed lies in [low, high].
    /// </summary>
    /// <param name="criterion">Without NaN.</param>
    /// <param name="weights">Not negative; empty gives each candidate the weight 1.</param>
    /// <param name="target">Weight to reach.</param>
    /// <param name="low">Lower bound of the threshold.</param>
    /// <param name="high">The largest criterion.</param>
    /// <param name="rankKeys">Scratch memory, <see cref="BracketLimit"/> long.</param>
    public static CandidateCut Find(
        ReadOnlySpan<float> criterion, ReadOnlySpan<float> weights, double target, float low, float high,
        Span<ulong> rankKeys)
    {
        // The best candidate always stays.
        target = Math.Max(target, double.Epsilon);

        // The threshold is in [below, above): what reaches `below` has the target, what reaches `above` has not.
        long below = ToOrdered(low);
        long above = ToOrdered(high) + 1L;
        var belowMass = Mass(criterion, weights, low, out var belowCount);
        if (belowMass < target)
        {
            return new CandidateCut(low, int.MaxValue, belowCount);
        }

        var mass = 0.0;
        var count = 0;
        while (belowCount - count > BracketLimit && above - below > 1)
        {
            var middle = below + ((above - below) / 2);
            var middleMass = Mass(criterion, weights, FromOrdered((int)middle), out var middleCount);
            if (middleMass >= target)
            {
                (below, belowCount) = (middle, middleCount);
            }
            else
            {
                (above, mass, count) = (middle, middleMass, middleCount);
            }
        }

        var threshold = FromOrdered((int)below);
        return belowCount - count > BracketLimit
            ? CutTies(criterion, weights, target, threshold, mass, count)
            : CutBracket(criterion, weights, target, threshold, FromOrdered((int)above), mass, count, rankKeys);
    }

    private static double Mass(
        ReadOnlySpan<float> criterion, ReadOnlySpan<float> weights, float threshold, out int count) =>
        weights.IsEmpty
            ? count = VocabularyScan.CountAtLeast(criterion, threshold)
            : VocabularyScan.SumAtLeast(criterion, weights, threshold, out count);

    private static CandidateCut CutTies(
        ReadOnlySpan<float> criterion, ReadOnlySpan<float> weights, double target, float threshold, double mass,
        int count)
    {
        var last = 0;
        for (var i = 0; i < criterion.Length && mass < target; i++)
        {
            if (criterion[i] == threshold)
            {
                mass += weights.IsEmpty ? 1 : weights[i];
                count++;
                last = i;
            }
        }

        return new CandidateCut(threshold, last, count);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static CandidateCut CutBracket(
        ReadOnlySpan<float> criterion, ReadOnlySpan<float> weights, double target, float threshold, float above,
        double mass, int count, Span<ulong> rankKeys)
    {
        var lowest = new Vector<float>(threshold);
        var end = new Vector<float>(above);
        var vectors = MemoryMarshal.Cast<float, Vector<float>>(criterion);
        var bracket = 0;
        for (var v = 0; v < vectors.Length; v++)
        {
            var isInside = Vector.GreaterThanOrEqual(vectors[v], lowest) & Vector.LessThan(vectors[v], end);
            if (isInside != Vector<int>.Zero)
            {
                var start = v * Vector<float>.Count;
                bracket = Collect(criterion, start, start + Vector<float>.Count, threshold, above, rankKeys, bracket);
            }
        }

        var rest = vectors.Length * Vector<float>.Count;
        bracket = Collect(criterion, rest, criterion.Length, threshold, above, rankKeys, bracket);
        rankKeys[..bracket].Sort();

        var index = 0;
        for (var i = bracket - 1; i >= 0 && mass < target; i--)
        {
            index = (int)~(uint)rankKeys[i];
            mass += weights.IsEmpty ? 1 : weights[index];
            count++;
        }

        return new CandidateCut(criterion[index], index, count);
    }

    private static int Collect(
        ReadOnlySpan<float> criterion, int start, int end, float threshold, float above,
        Span<ulong> rankKeys, int count)
    {
        for (var i = start; i < end; i++)
        {
            var value = criterion[i];
            if (value >= threshold && value < above)
            {
                // + 0 turns the negative zero into the positive one: they are a tie.
                rankKeys[count++] = ((ulong)((uint)ToOrdered(value + 0f) ^ 0x8000_0000) << 32) | ~(uint)i;
            }
        }

        return count;
    }

    /// <summary>Integers in the order of the floats.</summary>
    private static int ToOrdered(float value)
    {
        var bits = BitConverter.SingleToInt32Bits(value);
        return bits >= 0 ? bits : bits ^ 0x7FFF_FFFF;
    }

    private static float FromOrdered(int ordered) =>
        BitConverter.Int32BitsToSingle(ordered >= 0 ? ordered : ordered ^ 0x7FFF_FFFF);
}
