namespace ModelRunner.Abstractions.Tokens;

/// <summary>What every session asks of the calls that change a sequence, as <see cref="DecodeBatch.Check"/> does of a batch.</summary>
public static class SequenceChecks
{
    /// <summary>Throws unless a sequence can be cut to a length.</summary>
    /// <param name="lengths">Tokens of each sequence.</param>
    /// <param name="sequence">The sequence.</param>
    /// <param name="length">What is to be left of it, in tokens.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such sequence, it is shorter, or the length is negative.</exception>
    public static void CheckTruncation(ReadOnlySpan<int> lengths, int sequence, int length)
    {
        CheckSequence(lengths, sequence, nameof(sequence));
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        if (length > lengths[sequence])
            throw new ArgumentOutOfRangeException(nameof(length), length, $"The sequence {sequence} has {lengths[sequence]} tokens.");
    }

    /// <summary>Throws unless a prefix of one sequence can become another.</summary>
    /// <param name="lengths">Tokens of each sequence.</param>
    /// <param name="source">The sequence with the prefix.</param>
    /// <param name="target">The sequence that becomes it.</param>
    /// <param name="length">Tokens of the prefix.</param>
    /// <exception cref="ArgumentException">The target is the source, or not empty.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such sequence, or the source has no prefix of that length.</exception>
    public static void CheckCopy(ReadOnlySpan<int> lengths, int source, int target, int length)
    {
        CheckSequence(lengths, source, nameof(source));
        CheckSequence(lengths, target, nameof(target));
        if (source == target)
            throw new ArgumentException($"The sequence {target} cannot become a copy of itself.", nameof(target));

        if (lengths[target] != 0)
            throw new ArgumentException($"The sequence {target} is not empty.", nameof(target));

        if (length < 1 || length > lengths[source])
            throw new ArgumentOutOfRangeException(nameof(length), length, $"The sequence {source} has {lengths[source]} tokens.");
    }

    private static void CheckSequence(ReadOnlySpan<int> lengths, int sequence, string name)
    {
        if ((uint)sequence >= (uint)lengths.Length)
            throw new ArgumentOutOfRangeException(name, sequence, $"There are {lengths.Length} sequences.");
    }
}
