namespace ModelRunner.Abstractions.Requests;

/// <summary>A call of a tool by the model.</summary>
/// <param name="Id">The call's id.</param>
/// <param name="Name">The function's name.</param>
/// <param name="ArgumentsJson">The arguments as the model or client wrote them: JSON text, not checked.</param>
public sealed record ChatToolCall(string Id, string Name, string ArgumentsJson);
