namespace ModelRunner.Wire.OpenAi;

/// <summary>The answer to a completion request, and, with less in it, each event of its stream.</summary>
public sealed record TextCompletion(
    string Id,
    string Object,
    long Created,
    string Model,
    IReadOnlyList<TextChoice> Choices,
    Usage? Usage);
