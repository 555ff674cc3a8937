namespace ModelRunner.Generation.Scheduling;

/// <summary>One sequence id of the session: free, used by a sequence, or idle with the tokens of an earlier one.</summary>
internal sealed class Slot(int index)
{
    public int Index => index;

    /// <summary>Who uses it; null when it is free or idle.</summary>
    public Sequence? Sequence { get; set; }

    /// <summary>Tokens that an idle slot keeps for reuse; 0 when it is free.</summary>
    public int IdleLength { get; set; }

    /// <summary>The step in which it was last used, for eviction of the least recent.</summary>
    public long LastUsed { get; set; }

    public bool IsFree => Sequence is null && IdleLength == 0;

    public bool IsIdle => Sequence is null && IdleLength > 0;
}
