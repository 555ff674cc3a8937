using System.Collections.Concurrent;
using System.Text.Json;
using ModelRunner.Abstractions.Errors;
using ModelRunner.ModelStore.Artifacts;

namespace ModelRunner.ModelStore.Content;

// The index: which models there are, and their names.
public sealed partial class ContentStore
{
    private const int MaxIndexSizeInBytes = 64 << 20;

    // What a digest names never changes.
    private readonly ConcurrentDictionary<Digest, StoredModel> _read = new();

    /// <summary>The models, in the order they came. One whose manifest is gone is left out.</summary>
    public IReadOnlyList<StoredModel> List() => [.. ReadIndex().Models.Select(Read).OfType<StoredModel>()];

    /// <summary>The model under any spelling of its names, or by its digest, whole or its first 12 digits; null when there is none.</summary>
    public StoredModel? Find(string name) => FindEntry(ReadIndex(), name) is { } entry ? Read(entry) : null;

    /// <summary>Makes a model of blobs that are there.</summary>
    /// <param name="manifest">Its manifest.</param>
    /// <param name="name">The name it gets, which it takes from another; null for none.</param>
    /// <param name="cancellationToken">Ends the wait for others.</param>
    /// <returns>The blobs that are missing: then nothing was done. Empty when the model is there.</returns>
    internal async Task<IReadOnlyList<ManifestBlob>> CommitAsync(Manifest manifest, string? name, CancellationToken cancellationToken)
    {
        if (name is not null) ModelName.Check(name);
        using var turn = await EnterAsync(cancellationToken);
        var missing = manifest.Blobs.Where(blob => GetBlobSize(blob.Digest) != blob.Size).ToList();
        if (missing.Count > 0) return missing;

        var path = _paths.Manifest(manifest.Digest);
        if (ReadFile(path, Manifest.MaxSizeInBytes) is not { } written || !written.AsSpan().SequenceEqual(manifest.Bytes))
            WriteFile(path, manifest.Bytes);
        var id = manifest.Digest.ToString();
        var models = ReadIndex().Models.ToList();
        if (!models.Exists(entry => entry.Id == id)) models.Add(EntryOf(manifest));
        WriteIndex(name is null ? models : Names.Move(models, id, name));
        return [];
    }

    /// <summary>Gives a model another name, which it takes from the one that has it.</summary>
    /// <exception cref="ModelNotFoundException">There is no such model.</exception>
    public async Task TagAsync(string name, string newName, CancellationToken cancellationToken)
    {
        ModelName.Check(newName);
        using var turn = await EnterAsync(cancellationToken);
        var index = ReadIndex();
        var entry = FindEntry(index, name) ?? throw NotFound(name);
        WriteIndex(Names.Move(index.Models, entry.Id, newName));
    }

    /// <summary>
    /// Removes a name, and with the last one the model. By its digest the model goes with all its names, which takes
    /// <paramref name="force"/> where it has several.
    /// </summary>
    /// <exception cref="ModelNotFoundException">There is no such model.</exception>
    /// <exception cref="StoreException">It has several names and was not forced.</exception>
    public async Task<Removal> DeleteAsync(string name, bool force, CancellationToken cancellationToken)
    {
        using var turn = await EnterAsync(cancellationToken);
        var index = ReadIndex();
        var entry = FindEntry(index, name) ?? throw NotFound(name);
        var tags = entry.Tags ?? [];
        if (Names.Has(entry, name) && tags.Count > 1)
        {
            WriteIndex([.. index.Models.Select(other => other == entry ? Names.Without(entry, name) : other)]);
            return new Removal([.. tags.Where(tag => ModelName.GetKey(tag) == ModelName.GetKey(name))], null);
        }

        if (tags.Count > 1 && !force)
            throw new StoreException(
                StoreException.Conflict, $"'{name}' has several names ({string.Join(", ", tags)}): remove them one by one, or force it.");
        Remove(index, entry);
        return new Removal(tags, entry.Id);
    }

    /// <summary>Removes every model and everything else that the store holds.</summary>
    public async Task PurgeAsync(CancellationToken cancellationToken)
    {
        using var turn = await EnterAsync(cancellationToken);
        WriteIndex([]);
        _read.Clear();
        foreach (var name in _files.ListFolders(_paths.Bundles)) _files.DeleteFolder(Path.Combine(_paths.Bundles, name));
        foreach (var folder in new[] { _paths.Manifests, _paths.Blobs })
            foreach (var name in _files.ListFiles(folder))
                _files.Delete(Path.Combine(folder, name));
    }

    private void Remove(ModelsDocument index, ModelsEntry entry)
    {
        var others = index.Models.Where(other => other != entry).ToList();
        WriteIndex(others);
        if (!Digest.TryParse(entry.Id, out var id)) return;
        _read.TryRemove(id, out _);
        _files.DeleteFolder(_paths.Bundle(id));
        _files.Delete(_paths.Manifest(id));
        var shared = others.SelectMany(other => other.Files ?? []).ToHashSet(StringComparer.Ordinal);
        foreach (var file in entry.Files ?? [])
            if (!shared.Contains(file) && Digest.TryParse(file, out var digest))
                _files.Delete(_paths.Blob(digest));
    }

    private ModelsDocument ReadIndex()
    {
        if (ReadFile(_paths.Index, MaxIndexSizeInBytes) is not { } bytes) return new ModelsDocument();
        try
        {
            return JsonSerializer.Deserialize(bytes, StoreJson.Default.ModelsDocument) is { Models: not null } index ? index : new ModelsDocument();
        }
        catch (JsonException exception)
        {
            throw new StoreException(StoreException.Broken, $"The file '{_paths.Index}' is no JSON. A restart makes it anew from the manifests.", exception);
        }
    }

    /// <summary>An index that cannot be read is put aside, and made of the manifests: the models stay, their names are lost.</summary>
    private void RestoreIndex()
    {
        try
        {
            ReadIndex();
            if (_files.GetLength(_paths.Index) is null) WriteIndex([]);
        }
        catch (StoreException)
        {
            _files.Rename(_paths.Index, $"{_paths.Index}.broken-{Guid.NewGuid():N}");
            WriteIndex([.. _files.ListFiles(_paths.Manifests)
                .Select(name => Digest.TryParseHex(name, out var id) ? ReadManifest(id) : null)
                .OfType<Manifest>()
                .Select(EntryOf)]);
        }
    }

    private void WriteIndex(IReadOnlyList<ModelsEntry> models) =>
        WriteFile(_paths.Index, JsonSerializer.SerializeToUtf8Bytes(new ModelsDocument { Models = models }, StoreJson.Default.ModelsDocument));

    private StoredModel? Read(ModelsEntry entry)
    {
        if (!Digest.TryParse(entry.Id, out var id)) return null;
        if (!_read.TryGetValue(id, out var model))
        {
            if (ReadManifest(id) is not { } manifest) return null;
            var json = ReadFile(_paths.Blob(manifest.Config.Digest), ArtifactConfig.MaxSizeInBytes);
            var (config, createdAt) = ArtifactConfig.Read(manifest.Config.MediaType, json);
            model = new StoredModel(manifest) { Tags = [], Config = config, CreatedAt = createdAt ?? DateTimeOffset.UnixEpoch };
            if (json is not null) _read[id] = model;
        }

        return model with { Tags = Names.Of(entry) };
    }

    private Manifest? ReadManifest(Digest id)
    {
        try
        {
            return ReadFile(_paths.Manifest(id), Manifest.MaxSizeInBytes) is { } bytes && Digest.Of(bytes) == id ? Manifest.Parse(bytes) : null;
        }
        catch (StoreException)
        {
            return null;
        }
    }

    private static ModelsEntry? FindEntry(ModelsDocument index, string name)
    {
        name = name.Trim();
        if (Names.GetId(name) is not { } id)
            return index.Models.FirstOrDefault(entry => Names.Has(entry, name));
        return index.Models.FirstOrDefault(entry => entry.Id.StartsWith(id, StringComparison.Ordinal))
            ?? index.Models.FirstOrDefault(entry => Names.Has(entry, name));
    }

    // As Docker Model Runner does: the layers, then the configuration.
    private static ModelsEntry EntryOf(Manifest manifest) => new()
    {
        Id = manifest.Digest.ToString(),
        Tags = [],
        Files = [.. manifest.Layers.Append(manifest.Config).Select(blob => blob.Digest.ToString())],
    };

    private static ModelNotFoundException NotFound(string name) => new($"There is no model '{name}' in the store.");
}
