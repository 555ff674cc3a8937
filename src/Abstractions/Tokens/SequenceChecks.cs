namespace ModelRunner.Abstractions.Tokens;

/// <summary>What every session asks of the calls that change a sequence, as <see cref="DecodeBatch.Check"/> does of a batch.</summary>
public static class SequenceChecks
{
    /// <summary>Whether a sequence can be cut to a length.</summary>
    /// <param name="lengths">Tokens of each sequence.</param>
    /// <param name="sequence">The sequence.</param>
    /// <param name="length">What is to be left of it.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is shorter, or the length is negative.</exception>
    public static void Truncation(ReadOnlySpan<int> lengths, int sequence, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        if (length > lengths[sequence])
            throw new ArgumentOutOfRangeException(nameof(length), length, $"The sequence {sequence} has {lengths[sequence]} tokens.");
    }

    /// <summary>Whether a prefix of one sequence can become another.</summary>
    /// <param name="lengths">Tokens of each sequence.</param>
    /// <param name="source">The sequence with the prefix.</param>
    /// <param name="target">The sequence that becomes it.</param>
    /// <param name="length">Tokens of the prefix.</param>
    /// <exception cref="ArgumentException">The target is not empty.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The source has no prefix of that length.</exception>
    public static void Copy(ReadOnlySpan<int> lengths, int source, int target, int length)
    {
        if (source == target || lengths[target] != 0)
            throw new ArgumentException($"The sequence {target} is not empty.", nameof(target));

        if (length < 1 || length > lengths[source])
            throw new ArgumentOutOfRangeException(nameof(length), length, $"The sequence {source} has {lengths[source]} tokens.");
    }
}
