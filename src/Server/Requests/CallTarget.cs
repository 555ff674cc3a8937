namespace ModelRunner.Server.Requests;

/// <summary>The model that a call asks for.</summary>
/// <param name="ModelName">As the client wrote it.</param>
/// <param name="KeepAlive">How long it stays loaded after its last use; null for the setting.</param>
internal sealed record CallTarget(string ModelName, TimeSpan? KeepAlive);
