namespace ModelRunner.Abstractions.Requests;

/// <summary>A function that the model may call.</summary>
/// <param name="Name">The function's name.</param>
/// <param name="ParametersSchema">JSON Schema of the arguments; absent for none.</param>
/// <param name="IsStrict">Whether the arguments must follow the schema exactly.</param>
/// <param name="Json">The whole tool as the client wrote it.</param>
public sealed record ChatTool(string Name, JsonText ParametersSchema, bool IsStrict, JsonText Json);
