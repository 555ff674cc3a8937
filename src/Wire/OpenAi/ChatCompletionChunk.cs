namespace ModelRunner.Wire.OpenAi;

/// <summary>One event of a chat stream, as a client reads it.</summary>
public sealed record ChatCompletionChunk(
    string Id,
    string Object,
    long Created,
    string Model,
    IReadOnlyList<ChatChunkChoice> Choices,
    Usage? Usage = null);
