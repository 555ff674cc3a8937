namespace ModelRunner.Wire.OpenAi;

/// <summary>What went wrong. All four keys are always written: clients read them without a check.</summary>
/// <param name="Message">For a person.</param>
/// <param name="Type">The class of error, for example <c>invalid_request_error</c>.</param>
/// <param name="Param">The field at fault, or null.</param>
/// <param name="Code">The stable code, or null.</param>
public sealed record ErrorDetail(string Message, string Type, string? Param, string? Code);
