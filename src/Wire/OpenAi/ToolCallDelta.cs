namespace ModelRunner.Wire.OpenAi;

/// <summary>More of a call: id, type and name only in the first one of each index.</summary>
public sealed record ToolCallDelta(int Index, FunctionCallDelta Function, string? Id = null, string? Type = null);
