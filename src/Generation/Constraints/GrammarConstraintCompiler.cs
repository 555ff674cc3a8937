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
    private readonly Dictionary<(ConstraintKind, bool, string), LinkedListNode<Entry>> _known = [];
    private readonly LinkedList<Entry> _byUse = new();
    private readonly Lazy<TokenVocabulary> _vocabulary = new(() => new TokenVocabulary(tokenizer));

    /// <inheritdoc/>
    public ITokenConstraint Compile(ConstraintSpecification specification)
    {
        var key = (specification.Kind, specification.IsStrict, specification.Source.ToString());
        if (Find(key) is { } known)
            return known.CreateConstraint();

        // Outside of the lock: a slow schema holds up nobody but its own request.
        var compiled = new GrammarCompiler(_vocabulary.Value).Compile(specification);
        Add(key, compiled);
        return compiled.CreateConstraint();
    }

    private CompiledGrammar? Find((ConstraintKind, bool, string) key)
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

    private void Add((ConstraintKind, bool, string) key, CompiledGrammar grammar)
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

    private sealed record Entry((ConstraintKind, bool, string) Key, CompiledGrammar Grammar);
}
