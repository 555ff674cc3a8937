using ModelRunner.Abstractions.Engines;
using ModelRunner.ModelStore.Content;

namespace ModelRunner.ModelStore;

/// <summary>
/// Several catalogs as one. A name belongs to the first that has it; a digest, or its beginning, also finds a model that is
/// used where it stands.
/// </summary>
/// <param name="catalogs">In their order.</param>
public sealed class MergedModelCatalog(IReadOnlyList<IModelCatalog> catalogs) : IModelCatalog
{
    /// <inheritdoc/>
    public IReadOnlyList<ModelBundle> List() =>
    [
        .. catalogs.SelectMany(catalog => catalog.List())
            .DistinctBy(bundle => ModelName.GetKey(bundle.Name), StringComparer.Ordinal)
            .OrderBy(bundle => bundle.Name, StringComparer.Ordinal),
    ];

    /// <inheritdoc/>
    public ModelBundle? Find(ModelReference reference) =>
        catalogs.Select(catalog => catalog.Find(reference)).FirstOrDefault(bundle => bundle is not null)
        ?? (Names.GetId(reference.Name ?? "") is { } id
            ? List().FirstOrDefault(bundle => ModelName.GetId(bundle.Name).StartsWith(id, StringComparison.Ordinal))
            : null);
}
