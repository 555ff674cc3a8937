namespace ModelRunner.Generation.Parsing;

/// <summary>A call as far as it was read.</summary>
/// <param name="Name">The function.</param>
/// <param name="Id">The id that the model wrote, or null.</param>
/// <param name="Arguments">JSON text, or the beginning of it.</param>
internal sealed record ParsedCall(string Name, string? Id, string Arguments);
