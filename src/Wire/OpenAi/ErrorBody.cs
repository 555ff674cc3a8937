namespace ModelRunner.Wire.OpenAi;

/// <summary>The body of every failed call: <c>{"error":{...}}</c>.</summary>
public sealed record ErrorBody(ErrorDetail Error);
