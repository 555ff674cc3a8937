namespace ModelRunner.Generation.Sampling;

/// <summary>
/// Uniform numbers by position instead of by state: draw i of a seed is the same whoever asks, and when. The mixing
/// function is SplitMix64's (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014). The seed is
/// mixed first: with the plain generator, seeds that differ by a multiple of the increment give shifted copies of
/// one stream.
/// </summary>
internal static class CounterRandom
{
    private const ulong Increment = 0x9E3779B97F4A7C15;

    public static ulong Bits(ulong seed, int index) =>
        Mix(Mix(seed + Increment) + (Increment * ((ulong)(uint)index + 1)));

    /// <summary>A multiple of 2^-53 in [0, 1).</summary>
    public static double Uniform(ulong seed, int index) => (Bits(seed, index) >> 11) * (1.0 / (1UL << 53));

    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
