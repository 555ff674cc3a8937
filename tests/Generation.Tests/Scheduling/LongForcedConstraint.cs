using ModelRunner.Abstractions.Tokens;

namespace ModelRunner.Generation.Tests.Scheduling;

/// <summary>The first token is free; then token 4 is forced for so long.</summary>
internal sealed class LongForcedConstraint(int length) : ITokenConstraint
{
    private readonly int[] _forced = [.. Enumerable.Repeat(4, length)];
    private int _accepted;

    public ReadOnlySpan<int> ForcedTokens => _accepted == 0 ? [] : _forced.AsSpan(Math.Min(_accepted - 1, length));

    public bool CanEnd => ForcedTokens.IsEmpty;

    public void FillMask(Span<ulong> mask)
    {
        mask.Fill(ulong.MaxValue);
        if (!ForcedTokens.IsEmpty)
        {
            mask.Clear();
            mask[0] = 1UL << 4;
        }
    }

    public bool Accept(int token)
    {
        if (!ForcedTokens.IsEmpty && token != 4)
            return false;

        _accepted++;
        return true;
    }

    public void Rollback(int count) => _accepted -= count;

    public ITokenConstraint Clone() => new LongForcedConstraint(length) { _accepted = _accepted };
}
