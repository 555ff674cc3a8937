namespace ModelRunner.Server.Streaming;

/// <summary>What names an answer: the same in every chunk of it.</summary>
/// <param name="Id">Unique.</param>
/// <param name="Created">Unix seconds.</param>
/// <param name="Model">The model's name as the client wrote it.</param>
internal sealed record AnswerIdentity(string Id, long Created, string Model)
{
    public static AnswerIdentity Create(string prefix, string model, TimeProvider time) =>
        new($"{prefix}{Guid.NewGuid():N}", time.GetUtcNow().ToUnixTimeSeconds(), model);
}
