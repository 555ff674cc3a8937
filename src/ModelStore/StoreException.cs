using ModelRunner.Abstractions.Errors;

namespace ModelRunner.ModelStore;

/// <summary>The store cannot do what was asked.</summary>
/// <param name="code">One of the constants of this class.</param>
/// <param name="message">Names the culprit and what mends it.</param>
/// <param name="innerException">The cause, or null.</param>
public sealed class StoreException(string code, string message, Exception? innerException = null)
    : ModelRunnerException(code, message, innerException)
{
    /// <summary>The disk is full, or would be.</summary>
    public const string InsufficientStorage = "insufficient_storage";

    /// <summary>The request and what is stored exclude one another.</summary>
    public const string Conflict = "model_conflict";

    /// <summary>Files of the store are missing or wrong.</summary>
    public const string Broken = "store_broken";

    /// <summary>The folder of the store cannot be made, read or written.</summary>
    public const string Unavailable = "store_unavailable";

    /// <summary>The artifact is of a kind that this server does not keep.</summary>
    public const string Unsupported = "unsupported_artifact";
}
