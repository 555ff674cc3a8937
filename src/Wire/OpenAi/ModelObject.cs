namespace ModelRunner.Wire.OpenAi;

/// <summary>A model in a list, or by itself.</summary>
/// <param name="Id">The name under which it is listed.</param>
/// <param name="Object">Always <c>model</c>.</param>
/// <param name="Created">Unix seconds.</param>
/// <param name="OwnedBy">Who serves it.</param>
public sealed record ModelObject(string Id, string Object, long Created, string OwnedBy);
