using System.Numerics;
using System.Runtime.InteropServices;

namespace ModelRunner.Generation.Sampling;

/// <summary>
/// exp of a row relative to its best logit, in one pass with the scaling and the sum. The general exp of
/// <c>TensorPrimitives</c> computes in double and takes five times as long; arguments of at most 0 and three units in
/// the last place are enough here.
/// </summary>
internal static class SoftmaxWeights
{
    // Below this the result would be subnormal; a weight of less than 1e-37 of the best is 0.
    private const float Lowest = -86;
    private const float Log2E = 1.44269504f;

    // ln 2 in two parts: the first has so few bits that its product with an exponent is exact.
    private const float Ln2High = 0.693359375f;
    private const float Ln2Low = -2.12194440e-4f;

    // Adding 1.5 * 2^23 rounds to an integer, which is then in the low bits of the sum.
    private const float Rounder = 12582912f;

    /// <summary>
    /// weights = exp((logits - max) * scale), exactly 1 for the best; NaN gives NaN. May be in place.
    /// </summary>
    /// <returns>The sum of the weights.</returns>
    public static double Fill(ReadOnlySpan<float> logits, float max, float scale, Span<float> weights)
    {
        var sources = MemoryMarshal.Cast<float, Vector<float>>(logits);
        var targets = MemoryMarshal.Cast<float, Vector<float>>(weights)[..sources.Length];
        var best = new Vector<float>(max);
        var low = Vector<double>.Zero;
        var high = Vector<double>.Zero;
        for (var i = 0; i < targets.Length; i++)
        {
            var weight = Exp((sources[i] - best) * scale);
            targets[i] = weight;
            low += Vector.WidenLower(weight);
            high += Vector.WidenUpper(weight);
        }

        var sum = Vector.Sum(low + high);
        for (var i = sources.Length * Vector<float>.Count; i < logits.Length; i++)
        {
            // The same function for the rest, so that equal logits have equal weights everywhere.
            weights[i] = Exp(new Vector<float>((logits[i] - max) * scale))[0];
            sum += weights[i];
        }

        return sum;
    }

    /// <summary>
    /// x = n ln 2 + r with |r| below 0.347, exp(x) = 2^n exp(r). The Taylor polynomial of degree 7 leaves 5e-9 of
    /// exp(r), a twelfth of a float's rounding.
    /// </summary>
    private static Vector<float> Exp(Vector<float> x)
    {
        var rounded = Vector.MultiplyAddEstimate(x, new Vector<float>(Log2E), new Vector<float>(Rounder));
        var n = rounded - new Vector<float>(Rounder);
        var r = Vector.MultiplyAddEstimate(n, new Vector<float>(-Ln2High), x);
        r = Vector.MultiplyAddEstimate(n, new Vector<float>(-Ln2Low), r);
        var p = new Vector<float>(1f / 5040);
        p = Vector.MultiplyAddEstimate(p, r, new Vector<float>(1f / 720));
        p = Vector.MultiplyAddEstimate(p, r, new Vector<float>(1f / 120));
        p = Vector.MultiplyAddEstimate(p, r, new Vector<float>(1f / 24));
        p = Vector.MultiplyAddEstimate(p, r, new Vector<float>(1f / 6));
        p = Vector.MultiplyAddEstimate(p, r, new Vector<float>(0.5f));
        p = Vector.MultiplyAddEstimate(p, r, Vector<float>.One);
        p = Vector.MultiplyAddEstimate(p, r, Vector<float>.One);
        var power = Vector.ShiftLeft(Vector.AsVectorInt32(rounded), 23) + Vector.AsVectorInt32(Vector<float>.One);
        var isTooLow = Vector.LessThan(x, new Vector<float>(Lowest));
        return Vector.AndNot(p * Vector.AsVectorSingle(power), Vector.AsVectorSingle(isTooLow));
    }
}
