namespace ModelRunner.Wire.OpenAi;

/// <summary>The whole answer to a chat request.</summary>
public sealed record ChatCompletion(
    string Id,
    string Object,
    long Created,
    string Model,
    IReadOnlyList<ChatChoice> Choices,
    Usage Usage);
