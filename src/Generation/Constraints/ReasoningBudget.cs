using System.Numerics;
using ModelRunner.Abstractions.Requests;
using ModelRunner.Abstractions.Tokens;

namespace ModelRunner.Generation.Constraints;

/// <summary>
/// Counts the tokens of reasoning and forces its end when they are used up; what the output must follow otherwise is
/// said by another constraint, or by none.
/// </summary>
internal sealed class ReasoningBudget : ITokenConstraint
{
    private readonly ITokenizer _tokenizer;
    private readonly ITokenConstraint? _inner;
    private readonly byte[] _open;
    private readonly byte[] _close;
    private readonly int[] _borders;
    private readonly int[] _closing;
    private readonly int _budget;
    private readonly List<State> _states;

    /// <param name="tokenizer">The vocabulary, in which markers have text.</param>
    /// <param name="preamble">The reasoning's markers and its budget.</param>
    /// <param name="inner">What else binds the output; null for nothing.</param>
    public ReasoningBudget(ITokenizer tokenizer, ConstraintPreamble preamble, ITokenConstraint? inner)
        : this(
            tokenizer,
            inner,
            System.Text.Encoding.UTF8.GetBytes(preamble.Open),
            System.Text.Encoding.UTF8.GetBytes(preamble.Close),
            tokenizer.Encode([TextSegment.Trusted(preamble.Close)], addSpecial: false),
            preamble.TokenBudget ?? int.MaxValue,
            [new State(preamble.IsOpen ? Phase.Reasoning : Phase.Before)])
    {
    }

    private ReasoningBudget(ITokenizer tokenizer, ITokenConstraint? inner, byte[] open, byte[] close, int[] closing, int budget, List<State> states)
    {
        (_tokenizer, _inner, _open, _close, _closing, _budget, _states) = (tokenizer, inner, open, close, closing, budget, states);
        _borders = BordersOf(close);
    }

    private enum Phase
    {
        /// <summary>Nothing but white space and the beginning of the opening marker has come.</summary>
        Before,
        Reasoning,
        Closing,
        Behind,
    }

    /// <inheritdoc/>
    public bool CanEnd => _states[^1].Phase != Phase.Closing && (_inner?.CanEnd ?? true);

    /// <inheritdoc/>
    public ReadOnlySpan<int> ForcedTokens =>
        Closing is { IsEmpty: false } closing ? closing
        : _inner is null ? []
        : _inner.ForcedTokens;

    /// <summary>What is left of the closing marker's tokens, once the budget is used up.</summary>
    private ReadOnlySpan<int> Closing => _states[^1] switch
    {
        { Phase: Phase.Closing } state => _closing.AsSpan(state.Forced),
        { Phase: Phase.Reasoning, Open: 0 } state when state.Count >= _budget => _closing,
        _ => [],
    };

    /// <inheritdoc/>
    public void FillMask(Span<ulong> mask)
    {
        if (Closing is [var token, ..])
        {
            mask.Clear();
            mask[token >> 6] |= 1ul << (token & 63);
        }
        else if (_inner is not null)
        {
            _inner.FillMask(mask);
        }
        else
        {
            mask.Fill(ulong.MaxValue);
            var tail = _tokenizer.VocabularySize & 63;
            if (tail != 0)
                mask[_tokenizer.VocabularySize >> 6] = (1ul << tail) - 1;
        }
    }

    /// <inheritdoc/>
    public bool Accept(int token)
    {
        var state = _states[^1];
        var isForced = !Closing.IsEmpty;
        if ((isForced && token != Closing[0]) || _inner?.Accept(token) == false)
            return false;

        var next = state with { Count = state.Phase == Phase.Reasoning ? state.Count + 1 : state.Count };
        foreach (var value in _tokenizer.GetBytes(token).Span)
            next = Advance(next, value);

        if (isForced && next.Phase != Phase.Behind)
            next = next with { Phase = Phase.Closing, Forced = state.Phase == Phase.Closing ? state.Forced + 1 : 1 };

        _states.Add(next.Phase == Phase.Closing && next.Forced == _closing.Length ? next with { Phase = Phase.Behind } : next);
        return true;
    }

    /// <inheritdoc/>
    public void Rollback(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _states.Count - 1);
        _states.RemoveRange(_states.Count - count, count);
        _inner?.Rollback(count);
    }

    /// <inheritdoc/>
    public ITokenConstraint Clone() => new ReasoningBudget(_tokenizer, _inner?.Clone(), _open, _close, _closing, _budget, [.. _states]);

    private State Advance(State state, byte value)
    {
        if (state.Phase == Phase.Before)
        {
            if (state.Match == 0 && value is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t')
                return state;

            if (_open.Length == 0 || value != _open[state.Match])
                return state with { Phase = Phase.Behind };

            return state.Match + 1 == _open.Length ? new State(Phase.Reasoning) : state with { Match = state.Match + 1 };
        }

        if (state.Phase is Phase.Behind)
            return state;

        // Characters in several bytes are not cut in two by what is forced.
        var open = value < 0x80 ? 0 : value >= 0xC0 ? BitOperations.LeadingZeroCount(~((uint)value << 24)) - 1 : Math.Max(state.Open - 1, 0);
        var match = Match(state.Match, value);
        return match == _close.Length ? state with { Phase = Phase.Behind, Match = 0, Open = 0 } : state with { Match = match, Open = open };
    }

    // Bytes of the closing marker that stand at the end, with one more byte read.
    private int Match(int match, byte value)
    {
        while (_close[match] != value)
        {
            if (match == 0)
                return 0;

            match = _borders[match - 1];
        }

        return match + 1;
    }

    // For each beginning of the marker, how long its longest end is that is a beginning too (Knuth, Morris and Pratt).
    private static int[] BordersOf(byte[] marker)
    {
        var borders = new int[marker.Length];
        for (var i = 1; i < marker.Length; i++)
        {
            var length = borders[i - 1];
            while (length > 0 && marker[length] != marker[i])
                length = borders[length - 1];

            borders[i] = marker[length] == marker[i] ? length + 1 : 0;
        }

        return borders;
    }

    private readonly record struct State(Phase Phase, int Count = 0, int Match = 0, int Open = 0, int Forced = 0);
}
