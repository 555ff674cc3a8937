using ModelRunner.Abstractions.Errors;

namespace ModelRunner.ModelStore.Transfer;

/// <summary>A model could not be fetched or sent.</summary>
/// <param name="code">One of the constants of this class.</param>
/// <param name="message">Names the culprit.</param>
/// <param name="innerException">The cause, or null.</param>
public sealed class TransferException(string code, string message, Exception? innerException = null)
    : ModelRunnerException(code, message, innerException)
{
    /// <summary>The registry wants credentials, or does not take those that it got.</summary>
    public const string Unauthorized = "registry_unauthorized";

    /// <summary>The registry cannot be reached, or fails. The same may succeed later.</summary>
    public const string Unavailable = "registry_unavailable";

    /// <summary>What came is not what its digest says.</summary>
    public const string Corrupt = "download_corrupt";

    /// <summary>The registry sends us to an address that we do not go to.</summary>
    public const string AddressRefused = "address_refused";
}
