namespace ModelRunner.Wire.OpenAi;

/// <summary>A call of a function by the model.</summary>
public sealed record ToolCall(string Id, string Type, FunctionCall Function);
