using ModelRunner.Abstractions.Errors;
using ModelRunner.ModelStore.Archive;
using ModelRunner.ModelStore.Artifacts;
using ModelRunner.ModelStore.Content;
using ModelRunner.ModelStore.Http;
using ModelRunner.ModelStore.HuggingFace;
using ModelRunner.ModelStore.Packaging;
using ModelRunner.ModelStore.Registry;
using ModelRunner.ModelStore.Transfer;

namespace ModelRunner.ModelStore;

/// <summary>Moves models in and out of the store. Thread-safe; owns its connections.</summary>
public sealed class ModelTransfers(ContentStore store, TransferOptions options, TimeProvider time) : IDisposable
{
    private readonly TransferHttp _http = new(options, time);

    /// <summary>The store that it fills.</summary>
    public ContentStore Store => store;

    /// <summary>Pulls a model from Hugging Face or a registry, by its name.</summary>
    /// <param name="name">In any spelling.</param>
    /// <param name="token">A bearer token; null for the configured credentials.</param>
    /// <param name="progress">Receives the bytes, from any thread.</param>
    /// <param name="cancellationToken">Ends it; what has come is kept for the next time.</param>
    /// <returns>The model, and whether anything had to be downloaded.</returns>
    /// <exception cref="InvalidRequestException">The name cannot be one.</exception>
    /// <exception cref="ModelNotFoundException">There is none of that name.</exception>
    /// <exception cref="TransferException">It could not be fetched.</exception>
    /// <exception cref="StoreException">It could not be kept.</exception>
    public async Task<(StoredModel Model, bool HasDownloaded)> PullAsync(
        string name, string? token, IProgress<TransferProgress>? progress, CancellationToken cancellationToken)
    {
        // A store that cannot be used says so before anyone else is asked.
        store.RequireSpace(0);
        var hasDownloaded = HubReference.Is(name)
            ? await new HubPuller(store, _http, options, time).PullAsync(HubReference.Parse(name), ModelName.WithoutRevision(name), token, progress, cancellationToken)
            : await PullFromRegistryAsync(name, token, progress, cancellationToken);
        return (Get(name), hasDownloaded);
    }

    /// <summary>Pushes a model to the registry of its name.</summary>
    /// <exception cref="ModelNotFoundException">The store has none of that name.</exception>
    /// <exception cref="TransferException">It could not be sent.</exception>
    public async Task PushAsync(string name, string? token, IProgress<TransferProgress>? progress, CancellationToken cancellationToken)
    {
        var model = Get(name);
        if (HubReference.Is(name)) throw new InvalidRequestException("Models are pushed to registries, not to Hugging Face.", "model");
        var client = await ConnectAsync(RegistryReference.Parse(name, options), token, cancellationToken);
        foreach (var blob in model.Manifest.Blobs)
        {
            if (store.GetBlobSize(blob.Digest) != blob.Size)
                throw new StoreException(StoreException.Broken, $"The blob {blob.Digest} of '{name}' is missing. Pull the model again.");
            await client.PushBlobAsync(
                blob,
                () => store.OpenBlob(blob.Digest),
                current => progress?.Report(new TransferProgress(blob.Digest.ToString(), blob.Size, current, model.SizeInBytes)),
                cancellationToken);
        }

        await client.PushManifestAsync(model.Manifest, cancellationToken);
    }

    /// <summary>What a registry says of a model, without pulling it.</summary>
    /// <exception cref="ModelNotFoundException">It has none of that name.</exception>
    public async Task<StoredModel> InspectRemoteAsync(string name, string? token, CancellationToken cancellationToken)
    {
        if (HubReference.Is(name)) throw new InvalidRequestException("Models on Hugging Face say nothing of themselves before they are pulled.", "model");
        var client = await ConnectAsync(RegistryReference.Parse(name, options), token, cancellationToken);
        var manifest = await client.GetManifestAsync(cancellationToken);
        if (manifest.Config.Size > ArtifactConfig.MaxSizeInBytes)
            throw new StoreException(StoreException.Unsupported, $"The configuration of '{name}' is too large.");
        var json = new byte[manifest.Config.Size];
        await new BlobFetcher(options, time).FillAsync(client.GetBlob(manifest.Config), 0, json, _ => { }, cancellationToken);
        var (config, createdAt) = ArtifactConfig.Read(manifest.Config.MediaType, json);
        return new StoredModel(manifest) { Tags = [], Config = config, CreatedAt = createdAt ?? DateTimeOffset.UnixEpoch };
    }

    /// <summary>Makes a model of another one's files, with another configuration.</summary>
    /// <exception cref="ModelNotFoundException">The store has none of that name.</exception>
    public async Task<StoredModel> RepackageAsync(string name, string target, int? contextSize, CancellationToken cancellationToken)
    {
        var model = Get(name);
        var builder = new ArtifactBuilder(store, time);
        foreach (var layer in model.Manifest.Layers) builder.Add(layer.Digest, layer.Size, layer.MediaType, layer.FilePath);
        var manifest = builder.Build(
            model.Config with { ContextSize = contextSize ?? model.Config.ContextSize },
            isByPath: model.Manifest.Config.MediaType != MediaTypes.ConfigV01,
            model.Manifest.Document.Annotations);
        var missing = await store.CommitAsync(manifest, target, cancellationToken);
        return missing.Count == 0 ? Get(target)
            : throw new StoreException(StoreException.Broken, $"The blob {missing[0].Digest} of '{name}' is missing. Pull the model again.");
    }

    /// <summary>Writes a model as a tar.</summary>
    public Task ExportAsync(StoredModel model, Stream target, CancellationToken cancellationToken) =>
        TarExport.WriteAsync(store, model, target, cancellationToken);

    /// <summary>Reads a model from a tar.</summary>
    /// <param name="source">The tar, which may not be seekable.</param>
    /// <param name="name">The name it gets; null for none.</param>
    /// <param name="progress">Receives the bytes.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="InvalidRequestException">The name cannot be one, or it is no tar of a model.</exception>
    public async Task<StoredModel> ImportAsync(
        Stream source, string? name, IProgress<TransferProgress>? progress, CancellationToken cancellationToken)
    {
        // Before gigabytes come for nothing.
        if (name is not null) ModelName.Check(name);
        var manifest = await TarImport.ReadAsync(store, source, name, progress, cancellationToken);
        return Get(manifest.Digest.ToString());
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private async Task<bool> PullFromRegistryAsync(
        string name, string? token, IProgress<TransferProgress>? progress, CancellationToken cancellationToken)
    {
        var reference = RegistryReference.Parse(name, options);
        foreach (var mirror in reference.IsDockerHub ? options.Mirrors : [])
        {
            try
            {
                return await PullFromAsync(reference.At(mirror), name, null, progress, cancellationToken);
            }
            catch (Exception exception) when (exception is TransferException or ModelNotFoundException)
            {
                // The registry itself is asked next, and what went wrong there is told.
            }
        }

        return await PullFromAsync(reference, name, token, progress, cancellationToken);
    }

    private async Task<bool> PullFromAsync(
        RegistryReference reference, string name, string? token, IProgress<TransferProgress>? progress, CancellationToken cancellationToken)
    {
        var client = await ConnectAsync(reference, token, cancellationToken);
        var manifest = await client.GetManifestAsync(cancellationToken);
        BundlePlan.Of(manifest);
        return await new ArtifactPuller(store, options, time).PullAsync(manifest, WithoutDigest(name), client.GetBlob, progress, cancellationToken);
    }

    private async Task<RegistryClient> ConnectAsync(RegistryReference reference, string? token, CancellationToken cancellationToken)
    {
        var credentials = token is { Length: > 0 } ? new Credentials("", "", BearerToken: token)
            : await DockerCredentials.FindAsync(reference.Host, options, time, cancellationToken);
        return new RegistryClient(_http, reference, credentials, options, time);
    }

    // A model that was pulled by its digest has no name of its own.
    private static string? WithoutDigest(string name) => name.Contains('@', StringComparison.Ordinal) ? null : name;

    private StoredModel Get(string name) => store.Find(name) ?? throw new ModelNotFoundException($"There is no model '{name}' in the store.");
}
