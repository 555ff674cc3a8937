using System.Runtime.InteropServices;

namespace ModelRunner.Export;

/// <summary>
/// Seeded normal numbers, about 3 ns each: 16 random bits select a quantile of the normal distribution, which is more
/// than enough for weights that no one trained.
/// </summary>
internal sealed class GaussianSource(int seed)
{
    private static readonly float[] Quantiles = BuildQuantiles();
    private readonly Random _random = new(seed);
    private readonly ushort[] _indices = new ushort[4096];

    public void Fill(Span<float> values, float scale)
    {
        while (!values.IsEmpty)
        {
            var count = Math.Min(values.Length, _indices.Length);
            var indices = _indices.AsSpan(0, count);
            _random.NextBytes(MemoryMarshal.AsBytes(indices));
            for (var i = 0; i < count; i++)
                values[i] = Quantiles[indices[i]] * scale;
            values = values[count..];
        }
    }

    /// <summary>Integrates the density until each quantile's share is reached.</summary>
    private static float[] BuildQuantiles()
    {
        const double step = 2e-5;
        var quantiles = new float[1 << 16];
        var share = 0.0;
        var x = -5.0;
        for (var i = 0; i < quantiles.Length / 2; i++)
        {
            var target = (i + 0.5) / quantiles.Length;
            while (share < target)
            {
                share += Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI) * step;
                x += step;
            }

            quantiles[i] = (float)x;
            quantiles[^(i + 1)] = (float)-x;
        }

        return quantiles;
    }
}
