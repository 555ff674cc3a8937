namespace ModelRunner.Engines.Onnx.Graphs;

/// <summary>An input or output of a graph.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">The type of its elements.</param>
/// <param name="Shape">Its dimensions; -1 for one that has no fixed length.</param>
internal sealed record GraphValue(string Name, ElementType Type, IReadOnlyList<long> Shape)
{
    /// <summary>The type and shape as a user reads them.</summary>
    public string Description => $"{Type} [{string.Join(", ", Shape.Select(length => length < 0 ? "?" : $"{length}"))}]";
}
