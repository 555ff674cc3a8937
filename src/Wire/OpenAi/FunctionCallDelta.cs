namespace ModelRunner.Wire.OpenAi;

/// <summary>More of a function call.</summary>
public sealed record FunctionCallDelta(string Arguments, string? Name = null);
