using ModelRunner.Abstractions.Errors;
using ModelRunner.Abstractions.Tokens;
using ModelRunner.Grammars.Masks;
using ModelRunner.Grammars.Parsing;

namespace ModelRunner.Grammars;

/// <summary>
/// The grammar state of one sequence: the configurations that its tokens have led to. They are shared objects that
/// never change, so that taking tokens back or copying the state is a matter of references.
/// </summary>
internal sealed class TokenConstraint : ITokenConstraint
{
    private readonly CompiledGrammar _grammar;
    private readonly List<Configuration> _states;
    private readonly List<int> _tokens;
    private int[]? _forced;
    private bool _isEnded;

    public TokenConstraint(CompiledGrammar grammar, Configuration start)
        : this(grammar, [start], [], false)
    {
    }

    private TokenConstraint(CompiledGrammar grammar, List<Configuration> states, List<int> tokens, bool isEnded)
    {
        _grammar = grammar;
        _states = states;
        _tokens = tokens;
        _isEnded = isEnded;
    }

    /// <inheritdoc/>
    public bool CanEnd => Current.IsAccepting;

    /// <inheritdoc/>
    public ReadOnlySpan<int> ForcedTokens
    {
        get
        {
            if (_forced is null)
                Work(this, 0, static (self, _) => self._forced = self._isEnded ? [] : ForcedText.Find(self._grammar, self.Current, self._tokens));

            return _forced;
        }
    }

    private Configuration Current => _states[^1];

    /// <inheritdoc/>
    public void FillMask(Span<ulong> mask)
    {
        if (_isEnded)
        {
            mask.Clear();
            foreach (var token in _grammar.Vocabulary.EndTokens)
                mask[token >> 6] |= 1ul << (token & 63);

            return;
        }

        lock (_grammar.Gate)
        {
            try
            {
                _grammar.BeginWork();
                _grammar.Masks.Fill(Current, mask);
            }
            catch (GrammarLimitException exception)
            {
                throw TooComplex(exception);
            }
        }
    }

    /// <inheritdoc/>
    public bool Accept(int token)
    {
        var tokenizer = _grammar.Vocabulary.Tokenizer;
        var isEnd = tokenizer.IsEndOfGeneration(token);
        if (isEnd ? !CanEnd && !_isEnded : _isEnded)
            return false;

        var next = isEnd ? Current : Work(this, token, static (self, token) => self.Advance(token));
        if (next is null)
            return false;

        _isEnded = isEnd;
        _states.Add(next);
        _tokens.Add(token);

        // What was forced behind the token still is.
        _forced = _forced is { Length: > 1 } forced && forced[0] == token ? forced[1..] : null;
        return true;
    }

    /// <inheritdoc/>
    public void Rollback(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _tokens.Count);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (count == 0)
            return;

        _states.RemoveRange(_states.Count - count, count);
        _tokens.RemoveRange(_tokens.Count - count, count);
        _isEnded = _tokens.Count > 0 && _grammar.Vocabulary.Tokenizer.IsEndOfGeneration(_tokens[^1]);
        _forced = null;
    }

    /// <inheritdoc/>
    public ITokenConstraint Clone() => new TokenConstraint(_grammar, [.. _states], [.. _tokens], _isEnded);

    private Configuration? Advance(int token)
    {
        var tokenizer = _grammar.Vocabulary.Tokenizer;
        var bytes = tokenizer.IsControl(token) ? default : tokenizer.GetBytes(token).Span;
        if (bytes.IsEmpty)
            return null;

        var state = Current;
        foreach (var value in bytes)
        {
            state = _grammar.Machine.Step(state, value);
            if (state == Configuration.Dead)
                return null;
        }

        return state;
    }

    private TResult Work<TArgument, TResult>(TokenConstraint self, TArgument argument, Func<TokenConstraint, TArgument, TResult> work)
    {
        lock (_grammar.Gate)
        {
            try
            {
                _grammar.BeginWork();
                return work(self, argument);
            }
            catch (GrammarLimitException exception)
            {
                throw TooComplex(exception);
            }
        }
    }

    private static GenerationException TooComplex(GrammarLimitException exception) =>
        new(GenerationException.DecodeFailed, exception.Message, exception);
}
