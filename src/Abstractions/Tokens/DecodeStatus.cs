namespace ModelRunner.Abstractions.Tokens;

/// <summary>
/// Outcome of <see cref="IDecodeSession.Decode"/>. After anything but <see cref="Ok"/>,
/// <see cref="IDecodeSession.GetLength"/> is the truth about every sequence of the batch.
/// </summary>
public enum DecodeStatus
{
    /// <summary>Every token is in the KV cache and every wanted row can be read.</summary>
    Ok,

    /// <summary>The KV cache has no room for the batch. State unchanged.</summary>
    NoKvSpace,

    /// <summary><see cref="IDecodeSession.Abort"/> was called. Some sequences may have grown; no row can be read.</summary>
    Aborted,

    /// <summary>
    /// The entries in <see cref="IDecodeSession.FailedRows"/> failed, the others are as after <see cref="Ok"/>.
    /// </summary>
    RowsFailed,

    /// <summary>The session is unusable: dispose it.</summary>
    Faulted,
}
