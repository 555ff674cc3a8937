using System.Text.Json;
using ModelRunner.ModelStore.Artifacts;

namespace ModelRunner.ModelStore.Content;

// Bundles: the blobs of a model under the names of its files, as hard links. Made when they are asked for.
public sealed partial class ContentStore
{
    private const string ModelFolder = "model";
    private const string TemporaryEnd = ".tmp";

    /// <summary>The folder with a model's files, which is made where it is missing or not whole.</summary>
    /// <exception cref="StoreException">A blob is missing or has another size, the artifact's paths are not allowed, or the store cannot be written.</exception>
    internal string GetBundleFolder(StoredModel model)
    {
        var bundle = _paths.Bundle(model.Id);
        var folder = Path.Combine(bundle, ModelFolder);
        var sizes = model.Manifest.Blobs.ToDictionary(blob => blob.Digest, blob => blob.Size);
        var plan = BundlePlan.Of(model.Manifest);
        while (!IsWhole())
        {
            // Of blobs of other sizes no bundle ever becomes whole.
            foreach (var (_, digest) in plan) RequireBlob(digest, sizes[digest]);
            try
            {
                Replace(bundle, model, plan);
            }
            catch (Exception exception) when (IsRefusal(exception))
            {
                throw Unavailable(exception);
            }
        }

        return folder;

        bool IsWhole() => plan.All(file => _files.GetLength(file.Path.In(folder)) == sizes[file.Digest]);
    }

    private void Replace(string bundle, StoredModel model, IReadOnlyList<(BundlePath Path, Digest Digest)> plan)
    {
        _files.DeleteFolder(bundle);
        var temporary = $"{bundle}.{Guid.NewGuid():N}{TemporaryEnd}";
        Build(temporary, model, plan);

        // Another may have been faster: then its bundle is looked at.
        if (!_files.TryRenameFolder(temporary, bundle)) _files.DeleteFolder(temporary);
    }

    private void Build(string bundle, StoredModel model, IReadOnlyList<(BundlePath Path, Digest Digest)> plan)
    {
        var folder = Path.Combine(bundle, ModelFolder);
        _files.CreateFolder(bundle);
        using (var config = _files.Create(Path.Combine(bundle, "config.json")))
            config.Write(JsonSerializer.SerializeToUtf8Bytes(model.Config, StoreJson.Default.ModelConfig), 0);
        _files.CreateFolder(folder);
        foreach (var (path, digest) in plan)
        {
            CreateFolders(folder, path);
            _files.Link(_paths.Blob(digest), path.In(folder));
        }
    }

    private void CreateFolders(string folder, BundlePath path)
    {
        var segments = path.Text.Split('/');
        for (var depth = 1; depth < segments.Length; depth++)
            _files.CreateFolder(folder = Path.Combine(folder, segments[depth - 1]));
    }

    private void RequireBlob(Digest digest, long size)
    {
        if (GetBlobSize(digest) is not { } actual) throw MissingBlob(digest);
        if (actual != size) throw Broken($"The blob {digest} of the model has {actual} bytes instead of {size}. Pull the model again.");
    }

    private static StoreException MissingBlob(Digest digest, Exception? cause = null) =>
        new(StoreException.Broken, $"The blob {digest} of the model is missing. Pull the model again.", cause);
}
