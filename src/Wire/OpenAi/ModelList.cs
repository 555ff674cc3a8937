namespace ModelRunner.Wire.OpenAi;

/// <summary>The answer of <c>GET models</c>.</summary>
/// <param name="Object">Always <c>list</c>.</param>
/// <param name="Data">The models.</param>
public sealed record ModelList(string Object, IReadOnlyList<ModelObject> Data);
