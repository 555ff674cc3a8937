namespace ModelRunner.Abstractions.Engines;

/// <summary>
/// The name of a model as a user wrote it: <c>[registry/][namespace/]name[:tag]</c>.
/// Comparison and normalisation belong to <see cref="IModelCatalog"/>.
/// </summary>
/// <param name="Name">The text, never empty.</param>
public readonly record struct ModelReference(string Name)
{
    /// <inheritdoc/>
    public override string ToString() => Name;
}
