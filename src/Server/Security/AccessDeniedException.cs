using ModelRunner.Abstractions.Errors;

namespace ModelRunner.Server.Security;

/// <summary>The request is turned away before anything of it is looked at.</summary>
/// <param name="code">One of the constants of this class.</param>
/// <param name="message">Says what would let it in.</param>
internal sealed class AccessDeniedException(string code, string message) : ModelRunnerException(code, message)
{
    /// <summary>No key, or a wrong one.</summary>
    public const string InvalidKey = "invalid_api_key";

    /// <summary>The Host header names another server.</summary>
    public const string WrongHost = "host_not_allowed";

    /// <summary>What was asked for is kept by no server that was not told to.</summary>
    public const string NotRecorded = "requests_not_recorded";

    /// <summary>A page of a foreign origin calls.</summary>
    public const string WrongOrigin = "origin_not_allowed";
}
