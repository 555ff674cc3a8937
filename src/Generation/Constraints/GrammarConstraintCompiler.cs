using System.Collections.Concurrent;
using ModelRunner.Abstractions.Requests;
using ModelRunner.Abstractions.Tokens;
using ModelRunner.Generation.Scheduling;
using ModelRunner.Grammars;
using ModelRunner.Grammars.Masks;

namespace ModelRunner.Generation.Constraints;

/// <summary>
/// Compiles constraints for one model and keeps the last of them: a schema that comes again brings with it the states
/// and masks that were worked out before. Thread-safe.
/// </summary>
/// <param name="tokenizer">The model's vocabulary; its tree is made with the first constraint.</param>
internal sealed class GrammarConstraintCompiler(ITokenizer tokenizer) : IConstraintCompiler
{
    private const int MaxGrammars = 64;

    private readonly Lock _lock = new();
    private readonly Dictionary<Key, LinkedListNode<Entry>> _known = [];
    private readonly LinkedList<Entry> _byUse = new();
    private readonly Lazy<TokenVocabulary> _vocabulary = new(() => new TokenVocabulary(tokenizer));

    // One for the markers of each of the model's templates: two as a rule.
    private readonly ConcurrentDictionary<IReadOnlyDictionary<int, ReadOnlyMemory<byte>>, (ITokenizer Tokenizer, Lazy<TokenVocabulary> Vocabulary)> _marked =
        new(ReferenceEqualityComparer.Instance);

    /// <inheritdoc/>
    public ITokenConstraint Compile(ConstraintSpecification specification, IReadOnlyDictionary<int, ReadOnlyMemory<byte>>? visibleTokens = null)
    {
        // Where nothing is said about markers, they must not come.
        if (specification.Preamble is null && specification.Kind != ConstraintKind.Parts)
            visibleTokens = null;

        var (seen, vocabulary) = visibleTokens is { Count: > 0 } ? _marked.GetOrAdd(visibleTokens, Mark) : (tokenizer, _vocabulary);
        if (specification is not { Preamble: { TokenBudget: not null } preamble })
            return Get(specification, visibleTokens, vocabulary);

        // Free text is bound by nothing else.
        var inner = specification.Kind == ConstraintKind.Free ? null : Get(specification, visibleTokens, vocabulary);
        return new ReasoningBudget(seen, preamble, inner);
    }

    private (ITokenizer Tokenizer, Lazy<TokenVocabulary> Vocabulary) Mark(IReadOnlyDictionary<int, ReadOnlyMemory<byte>> visible)
    {
        var marked = new MarkerTokenizer(tokenizer, visible);
        return (marked, new(() => new TokenVocabulary(marked)));
    }

    private ITokenConstraint Get(ConstraintSpecification specification, object? markers, Lazy<TokenVocabulary> vocabulary)
    {
        var preamble = specification.Preamble;
        var key = new Key(
            specification.Kind,
            specification.IsStrict,
            specification.Source.ToString(),
            preamble is null ? "" : $"{preamble.IsOpen}\0{preamble.Open}\0{preamble.Close}\0{string.Join('\0', preamble.Markers)}",
            markers);
        if (Find(key) is { } known)
            return known.CreateConstraint(specification.Written);

        // Outside of the lock: a slow schema holds up nobody but its own request.
        var compiled = new GrammarCompiler(vocabulary.Value).Compile(specification);
        Add(key, compiled);
        return compiled.CreateConstraint(specification.Written);
    }

    private CompiledGrammar? Find(Key key)
    {
        lock (_lock)
        {
            if (!_known.TryGetValue(key, out var node))
                return null;

            _byUse.Remove(node);
            _byUse.AddFirst(node);
            return node.Value.Grammar;
        }
    }

    private void Add(Key key, CompiledGrammar grammar)
    {
        lock (_lock)
        {
            if (_known.ContainsKey(key))
                return;

            _known.Add(key, _byUse.AddFirst(new Entry(key, grammar)));
            if (_known.Count <= MaxGrammars)
                return;

            _known.Remove(_byUse.Last!.Value.Key);
            _byUse.RemoveLast();
        }
    }

    private sealed record Key(ConstraintKind Kind, bool IsStrict, string Source, string Preamble, object? Markers);

    private sealed record Entry(Key Key, CompiledGrammar Grammar);
}
