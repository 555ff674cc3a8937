namespace ModelRunner.Abstractions.Tokens;

/// <summary>What <see cref="IDecodeSession.TryCopyPrefix"/> costs.</summary>
public enum PrefixCopy
{
    /// <summary>It cannot be done.</summary>
    None,

    /// <summary>Both sequences use the same stored tokens: no memory.</summary>
    Shared,

    /// <summary>The tokens are stored twice.</summary>
    Copied,
}
