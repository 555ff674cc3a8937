namespace ModelRunner.Abstractions.Tokens;

/// <summary>The tokens of a batch entry whose logits are wanted.</summary>
public enum LogitRows : byte
{
    /// <summary>None: more of the prompt follows.</summary>
    None,

    /// <summary>The last one: one row.</summary>
    Last,

    /// <summary>Each one: as many rows as tokens.</summary>
    All,
}
