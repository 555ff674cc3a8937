using System.Numerics;

namespace ModelRunner.Generation.Sampling;

/// <summary>What takes tokens out of a row of logits, or repairs it.</summary>
internal static class LogitEdits
{
    /// <summary>Copies the logits that the mask allows; the others become negative infinity.</summary>
    /// <param name="logits">One a token.</param>
    /// <param name="mask">Bit t allows token t; [(length + 63) / 64].</param>
    /// <param name="target">As long as the logits.</param>
    public static void CopyAllowed(ReadOnlySpan<float> logits, ReadOnlySpan<ulong> mask, Span<float> target)
    {
        for (var start = 0; start < logits.Length; start += 64)
        {
            var length = Math.Min(64, logits.Length - start);
            var bits = mask[start / 64];
            var source = logits.Slice(start, length);
            var block = target.Slice(start, length);
            if (BitOperations.PopCount(bits) <= 32)
            {
                block.Fill(float.NegativeInfinity);
                for (; bits != 0; bits &= bits - 1)
                {
                    var i = BitOperations.TrailingZeroCount(bits);
                    if (i >= length)
                    {
                        break;
                    }

                    block[i] = source[i];
                }
            }
            else
            {
                source.CopyTo(block);
                for (bits = ~bits; bits != 0; bits &= bits - 1)
                {
                    var i = BitOperations.TrailingZeroCount(bits);
                    if (i >= length)
                    {
                        break;
                    }

                    block[i] = float.NegativeInfinity;
                }
            }
        }
    }

    public static void Ban(Span<float> logits, ReadOnlySpan<int> tokens)
    {
        foreach (var token in tokens)
        {
            if ((uint)token < (uint)logits.Length)
            {
                logits[token] = float.NegativeInfinity;
            }
        }
    }

    /// <summary>NaN becomes negative infinity, positive infinity the largest number, so that differences exist.</summary>
    public static void MakeFinite(Span<float> logits)
    {
        foreach (ref var logit in logits)
        {
            logit = float.IsNaN(logit) ? float.NegativeInfinity : Math.Min(logit, float.MaxValue);
        }
    }
}
