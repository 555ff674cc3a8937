namespace ModelRunner.Wire.OpenAi;

/// <summary>The function and its arguments, which are JSON text inside a string.</summary>
public sealed record FunctionCall(string Name, string Arguments);
