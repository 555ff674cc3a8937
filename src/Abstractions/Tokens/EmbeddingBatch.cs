namespace ModelRunner.Abstractions.Tokens;

/// <summary>Inputs that are embedded in one step. Reused; not thread-safe.</summary>
public sealed class EmbeddingBatch
{
    private readonly List<int> _tokens = [];
    private readonly List<int> _ends = [];

    /// <summary>Number of inputs.</summary>
    public int Count => _ends.Count;

    /// <summary>Tokens over all inputs.</summary>
    public int TokenCount => _tokens.Count;

    /// <summary>Adds an input of at least one token.</summary>
    /// <exception cref="ArgumentException">No token.</exception>
    public void Add(ReadOnlySpan<int> tokens)
    {
        if (tokens.IsEmpty)
            throw new ArgumentException("An input needs a token.", nameof(tokens));

        _tokens.AddRange(tokens);
        _ends.Add(_tokens.Count);
    }

    /// <summary>The tokens of one input. Valid until the batch changes.</summary>
    public ReadOnlySpan<int> this[int input]
    {
        get
        {
            var start = input == 0 ? 0 : _ends[input - 1];
            return System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_tokens)[start.._ends[input]];
        }
    }

    /// <summary>Empties it.</summary>
    public void Clear()
    {
        _tokens.Clear();
        _ends.Clear();
    }
}
