using ModelRunner.Abstractions.Tokens;

namespace ModelRunner.Generation.Tests.Scheduling;

/// <summary>A little grammar: after each third token two tokens are forced, and token 5 never comes freely.</summary>
internal sealed class RuleConstraint(int vocabularySize) : ITokenConstraint
{
    private readonly List<int> _accepted = [];

    public ReadOnlySpan<int> ForcedTokens => (_accepted.Count % 5) switch
    {
        3 => new[] { 4, 6 },
        4 => new[] { 6 },
        _ => [],
    };

    public bool CanEnd => ForcedTokens.IsEmpty;

    public void FillMask(Span<ulong> mask)
    {
        mask.Clear();
        for (var token = 0; token < vocabularySize; token++)
            if (Allows(token))
                mask[token / 64] |= 1UL << token;
    }

    public bool Accept(int token)
    {
        if (!Allows(token))
            return false;

        _accepted.Add(token);
        return true;
    }

    public void Rollback(int count) => _accepted.RemoveRange(_accepted.Count - count, count);

    public ITokenConstraint Clone()
    {
        var clone = new RuleConstraint(vocabularySize);
        clone._accepted.AddRange(_accepted);
        return clone;
    }

    private bool Allows(int token) => ForcedTokens.IsEmpty ? token != 5 : token == ForcedTokens[0];
}
