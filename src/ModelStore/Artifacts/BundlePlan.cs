using System.Globalization;
using ModelRunner.ModelStore.Content;

namespace ModelRunner.ModelStore.Artifacts;

/// <summary>Which blob becomes which file of a bundle. Pure; the names are Docker Model Runner's.</summary>
internal static class BundlePlan
{
    private const string TemplateName = "template.jinja";

    /// <summary>The files below <c>model/</c>, each path once.</summary>
    /// <exception cref="StoreException">Two layers have one path, or a path leads out of the bundle.</exception>
    public static IReadOnlyList<(BundlePath Path, Digest Digest)> Of(Manifest manifest)
    {
        var files = new Dictionary<string, (BundlePath Path, Digest Digest)>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, digest) in manifest.Config.MediaType == MediaTypes.ConfigV01 ? ByType(manifest.Layers) : ByPath(manifest))
        {
            var path = BundlePath.TryParse(name, out var parsed) ? parsed
                : throw new StoreException(StoreException.Unsupported, $"The model has a file of the path '{name}', which is not allowed.");
            if (files.TryGetValue(name, out var other) && other.Digest != digest)
                throw new StoreException(StoreException.Unsupported, $"The model has two files of the path '{name}'.");
            files[name] = (path, digest);
        }

        return [.. files.Values];
    }

    // What has no path is named by its type, as ModelPack's weights may be: but not beside files of that type that have one.
    private static IEnumerable<(string Name, Digest Digest)> ByPath(Manifest manifest)
    {
        var placed = manifest.Layers.Where(layer => layer.FilePath is not null).ToList();
        var types = placed.Select(TypeOf).ToHashSet(StringComparer.Ordinal);
        return placed.Select(layer => (layer.FilePath!, layer.Digest))
            .Concat(ByType(manifest.Layers.Where(layer => layer.FilePath is null && !types.Contains(TypeOf(layer)))));
    }

    private static IEnumerable<(string Name, Digest Digest)> ByType(IEnumerable<ManifestBlob> layers)
    {
        var all = layers.ToLookup(TypeOf);
        var weights = all[MediaTypes.Gguf].ToList();
        for (var index = 0; index < weights.Count; index++)
            yield return (weights.Count == 1 ? "model.gguf" : Numbered("gguf", index, weights.Count), weights[index].Digest);
        var tensors = all[MediaTypes.Safetensors].ToList();
        for (var index = 0; index < tensors.Count; index++)
            yield return (tensors[index].FilePath ?? (tensors.Count == 1 ? "model.safetensors" : Numbered("safetensors", index, tensors.Count)), tensors[index].Digest);
        if (all[MediaTypes.Projector].FirstOrDefault() is { } projector) yield return ("model.mmproj", projector.Digest);
        if (all[MediaTypes.ChatTemplate].FirstOrDefault() is { } template) yield return (TemplateName, template.Digest);
        foreach (var file in all[MediaTypes.ModelFile])
            if (file.FilePath is { } path)
                yield return (path, file.Digest);
    }

    // ModelPack's weights are as Docker's.
    private static string TypeOf(ManifestBlob layer) => layer.MediaType switch
    {
        MediaTypes.ModelPackGguf => MediaTypes.Gguf,
        MediaTypes.ModelPackSafetensors => MediaTypes.Safetensors,
        var type => type,
    };

    private static string Numbered(string end, int index, int count) =>
        string.Create(CultureInfo.InvariantCulture, $"model-{index + 1:D5}-of-{count:D5}.{end}");
}
