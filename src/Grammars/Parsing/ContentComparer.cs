namespace ModelRunner.Grammars.Parsing;

/// <summary>Compares arrays by their elements.</summary>
internal sealed class ContentComparer<T> : IEqualityComparer<T[]>
{
    public bool Equals(T[]? x, T[]? y) => x.AsSpan().SequenceEqual(y.AsSpan());

    public int GetHashCode(T[] obj)
    {
        var hash = new HashCode();
        foreach (var element in obj)
            hash.Add(element);

        return hash.ToHashCode();
    }
}
