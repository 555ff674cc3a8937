using ModelRunner.Abstractions.Errors;

namespace ModelRunner.Server.Errors;

/// <summary>The server should get no requests now.</summary>
/// <param name="message">Says why.</param>
internal sealed class ServerNotReadyException(string message) : ModelRunnerException("not_ready", message);
