using ModelRunner.Abstractions.Engines;
using ModelRunner.Abstractions.Errors;
using ModelRunner.ModelStore;
using ModelRunner.ModelStore.Content;
using ModelRunner.Runtime;

namespace ModelRunner.Server.Models;

/// <summary>Removes models that nobody uses.</summary>
internal sealed class ModelRemoval(ContentStore store, ModelRuntime runtime)
{
    /// <exception cref="StoreException">The model is in use.</exception>
    /// <exception cref="InvalidRequestException">It is used where it stands: its files are the user's.</exception>
    public async Task<Removal> RemoveAsync(string name, bool force, CancellationToken cancellationToken)
    {
        if (store.Find(name) is not { } model)
            throw runtime.Catalog.Find(new ModelReference(name)) is null ? runtime.NotFound(name)
                : new InvalidRequestException($"'{name}' is used where it stands: remove its files yourself.", "model");

        // One of several names goes without touching the model.
        if (model.Tags.Count <= 1 || force) await UnloadAsync(model.Tags.Append(model.Id.ToString()).ToList());
        return await store.DeleteAsync(name, force, cancellationToken);
    }

    /// <exception cref="StoreException">A model of the store is in use.</exception>
    public async Task PurgeAsync(CancellationToken cancellationToken)
    {
        await UnloadAsync([.. store.List().SelectMany(model => model.Tags.Append(model.Id.ToString()))]);
        await store.PurgeAsync(cancellationToken);
    }

    private async Task UnloadAsync(IReadOnlyList<string> names)
    {
        var keys = names.Select(ModelName.GetKey).ToHashSet(StringComparer.Ordinal);
        await runtime.UnloadAsync(null, names);
        if (runtime.GetResidents().FirstOrDefault(resident => keys.Contains(ModelName.GetKey(resident.ModelName))) is { } used)
            throw new StoreException(StoreException.Conflict, $"The model '{used.ModelName}' is in use. Try again when its requests have ended.");
    }
}
