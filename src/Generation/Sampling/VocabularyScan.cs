using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ModelRunner.Generation.Sampling;

/// <summary>
/// Vectorised passes over one row of logits or weights. Comparisons are false for NaN, so NaN loses everywhere;
/// sums are taken in double. The loops are compiled for speed at once: they would be hot in their very first call, and
/// replaced in the middle of it.
/// </summary>
internal static class VocabularyScan
{
    /// <summary>Floats a block: two blocks stay in the first-level cache of any machine.</summary>
    public const int BlockSize = 1024;

    private const int PartialSumLength = 8;

    /// <summary>The largest number, NaN left out; negative infinity when there is none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Max(ReadOnlySpan<float> values)
    {
        var vectors = MemoryMarshal.Cast<float, Vector<float>>(values);
        var a = new Vector<float>(float.NegativeInfinity);
        var b = a;
        var c = a;
        var d = a;
        var i = 0;
        // Four chains, because one would wait for the latency of compare and select.
        for (; i <= vectors.Length - 4; i += 4)
        {
            a = Larger(vectors[i], a);
            b = Larger(vectors[i + 1], b);
            c = Larger(vectors[i + 2], c);
            d = Larger(vectors[i + 3], d);
        }

        for (; i < vectors.Length; i++)
        {
            a = Larger(vectors[i], a);
        }

        a = Larger(Larger(a, b), Larger(c, d));
        var max = float.NegativeInfinity;
        for (var lane = 0; lane < Vector<float>.Count; lane++)
        {
            max = a[lane] > max ? a[lane] : max;
        }

        for (i = vectors.Length * Vector<float>.Count; i < values.Length; i++)
        {
            max = values[i] > max ? values[i] : max;
        }

        return max;
    }

    /// <summary>
    /// The largest numbers of disjoint groups, each of <paramref name="groupSize"/> values; what is left over at the
    /// end is in none. Groups are lanes of neighbouring vectors, which needs no reduction.
    /// </summary>
    /// <returns>How many groups there are.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int GroupMaxima(ReadOnlySpan<float> values, int groupSize, Span<float> maxima)
    {
        var vectors = MemoryMarshal.Cast<float, Vector<float>>(values);
        var targets = MemoryMarshal.Cast<float, Vector<float>>(maxima);
        var count = vectors.Length / groupSize;
        for (var group = 0; group < count; group++)
        {
            var max = new Vector<float>(float.NegativeInfinity);
            foreach (var vector in vectors.Slice(group * groupSize, groupSize))
            {
                max = Larger(vector, max);
            }

            targets[group] = max;
        }

        return count * Vector<float>.Count;
    }

    /// <summary>The lowest index of the largest number; -1 when nothing is above negative infinity.</summary>
    public static int IndexOfMax(ReadOnlySpan<float> values)
    {
        var best = float.NegativeInfinity;
        var bestStart = -1;
        for (var start = 0; start < values.Length; start += BlockSize)
        {
            var max = Max(values.Slice(start, Math.Min(BlockSize, values.Length - start)));
            if (max > best)
            {
                best = max;
                bestStart = start;
            }
        }

        if (bestStart < 0)
        {
            return -1;
        }

        while (values[bestStart] != best)
        {
            bestStart++;
        }

        return bestStart;
    }

    /// <summary>The largest number, and whether NaN occurs.</summary>
    public static float Max(ReadOnlySpan<float> values, out bool hasNaN)
    {
        var max = float.NegativeInfinity;
        hasNaN = false;
        for (var start = 0; start < values.Length; start += BlockSize)
        {
            var block = values.Slice(start, Math.Min(BlockSize, values.Length - start));
            max = Math.Max(max, Max(block));
            hasNaN |= HasNaN(block);
        }

        return max;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool HasNaN(ReadOnlySpan<float> values)
    {
        var vectors = MemoryMarshal.Cast<float, Vector<float>>(values);
        var same = Vector<int>.AllBitsSet;
        foreach (var vector in vectors)
        {
            same &= Vector.Equals(vector, vector);
        }

        if (same != Vector<int>.AllBitsSet)
        {
            return true;
        }

        for (var i = vectors.Length * Vector<float>.Count; i < values.Length; i++)
        {
            if (float.IsNaN(values[i]))
            {
                return true;
            }
        }

        return false;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int CountAtLeast(ReadOnlySpan<float> values, float threshold)
    {
        var vectors = MemoryMarshal.Cast<float, Vector<float>>(values);
        var limit = new Vector<float>(threshold);
        var counts = Vector<int>.Zero;
        foreach (var vector in vectors)
        {
            counts -= Vector.GreaterThanOrEqual(vector, limit);
        }

        var count = Vector.Sum(counts);
        for (var i = vectors.Length * Vector<float>.Count; i < values.Length; i++)
        {
            count += values[i] >= threshold ? 1 : 0;
        }

        return count;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Sum(ReadOnlySpan<float> values)
    {
        var vectors = MemoryMarshal.Cast<float, Vector<float>>(values);
        var low = Vector<double>.Zero;
        var high = Vector<double>.Zero;
        foreach (var vector in vectors)
        {
            low += Vector.WidenLower(vector);
            high += Vector.WidenUpper(vector);
        }

        var sum = Vector.Sum(low + high);
        for (var i = vectors.Length * Vector<float>.Count; i < values.Length; i++)
        {
            sum += values[i];
        }

        return sum;
    }

    /// <summary>The mean of value - origin, at least <paramref name="floor"/> each, under weights of that total.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double WeightedMean(
        ReadOnlySpan<float> values, ReadOnlySpan<float> weights, float origin, float floor, double total)
    {
        var vectors = MemoryMarshal.Cast<float, Vector<float>>(values);
        var weightVectors = MemoryMarshal.Cast<float, Vector<float>>(weights)[..vectors.Length];
        var lowest = new Vector<float>(floor);
        var start = new Vector<float>(origin);
        var low = Vector<double>.Zero;
        var high = Vector<double>.Zero;
        for (var i = 0; i < vectors.Length; i++)
        {
            var product = weightVectors[i] * Larger(vectors[i] - start, lowest);
            low += Vector.WidenLower(product);
            high += Vector.WidenUpper(product);
        }

        var sum = Vector.Sum(low + high);
        for (var i = vectors.Length * Vector<float>.Count; i < values.Length; i++)
        {
            sum += weights[i] * Math.Max(values[i] - origin, floor);
        }

        return sum / total;
    }

    /// <summary>Sum of the weights whose criterion reaches the threshold, and how many they are.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double SumAtLeast(
        ReadOnlySpan<float> criterion, ReadOnlySpan<float> weights, float threshold, out int count)
    {
        var vectors = MemoryMarshal.Cast<float, Vector<float>>(criterion);
        var weightVectors = MemoryMarshal.Cast<float, Vector<float>>(weights)[..vectors.Length];
        var limit = new Vector<float>(threshold);
        var counts = Vector<int>.Zero;
        var low = Vector<double>.Zero;
        var high = Vector<double>.Zero;
        for (var start = 0; start < vectors.Length; start += PartialSumLength)
        {
            // A few additions in float between those in double halve the work, at an error of 2^-22 of the sum.
            var partial = Vector<float>.Zero;
            var end = Math.Min(start + PartialSumLength, vectors.Length);
            for (var i = start; i < end; i++)
            {
                var reaches = Vector.GreaterThanOrEqual(vectors[i], limit);
                counts -= reaches;
                partial += weightVectors[i] & Vector.AsVectorSingle(reaches);
            }

            low += Vector.WidenLower(partial);
            high += Vector.WidenUpper(partial);
        }

        count = Vector.Sum(counts);
        var sum = Vector.Sum(low + high);
        for (var i = vectors.Length * Vector<float>.Count; i < criterion.Length; i++)
        {
            if (criterion[i] >= threshold)
            {
                count++;
                sum += weights[i];
            }
        }

        return sum;
    }

    private static Vector<float> Larger(Vector<float> value, Vector<float> best) =>
        Vector.ConditionalSelect(Vector.GreaterThan(value, best), value, best);
}
