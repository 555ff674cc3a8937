using System.Collections.Concurrent;
using ModelRunner.Abstractions.Engines;
using ModelRunner.ModelStore.Artifacts;
using ModelRunner.ModelStore.Content;
using ModelRunner.ModelStore.Packaging;

namespace ModelRunner.ModelStore;

/// <summary>The models of the store. Safetensors are listed too, and no engine serves them.</summary>
/// <param name="store">The store.</param>
/// <param name="readSummary">Reads a bundle's header; null when nobody does.</param>
public sealed class StoreModelCatalog(ContentStore store, Func<ModelBundle, ModelSummary?>? readSummary = null) : IModelCatalog
{
    // What a digest names does not change: read once.
    private readonly ConcurrentDictionary<Digest, ModelSummary?> _summaries = new();

    /// <inheritdoc/>
    public IReadOnlyList<ModelBundle> List() =>
        [.. Read().Select(TryMake).OfType<ModelBundle>().OrderBy(bundle => bundle.Name, StringComparer.Ordinal)];

    /// <inheritdoc/>
    public ModelBundle? Find(ModelReference reference)
    {
        if (string.IsNullOrWhiteSpace(reference.Name)) return null;
        return Try(() => store.Find(reference.Name)) is { } model ? Make(model) : null;
    }

    private IReadOnlyList<StoredModel> Read() => Try(store.List) ?? [];

    // A model that lacks a blob cannot be used: it is not listed until it is pulled again.
    private ModelBundle? TryMake(StoredModel model) => Try(() => Make(model));

    private static T? Try<T>(Func<T?> read)
        where T : class
    {
        try
        {
            return read();
        }
        catch (Exception exception) when (exception is StoreException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private ModelBundle Make(StoredModel model)
    {
        var folder = new DirectoryInfo(store.GetBundleFolder(model));
        var paths = BundlePlan.Of(model.Manifest).Select(file => file.Path).OrderBy(path => path.Text, StringComparer.Ordinal).ToList();
        var gguf = Find(FileKinds.IsWeights);
        var config = Find(name => name.Split('/')[^1] == FileKinds.GenAiConfig);
        var formats = (gguf is null ? 0 : ModelFormat.Gguf) | (config is null ? 0 : ModelFormat.OnnxGenAi);
        var bundle = new ModelBundle
        {
            Name = model.Tags.Count > 0 ? model.Tags[0] : model.Id.ToString(),
            Formats = formats,
            OtherFormat = formats == 0 ? FileKinds.GetFormat(paths.Select(path => path.Text)) ?? model.Config.Format : null,
            GgufPath = gguf,
            OnnxFolder = Path.GetDirectoryName(config),
            ChatTemplateOverride = BundleReader.ReadChatTemplate(folder),
            ResponseTemplateOverride = BundleReader.ReadResponseTemplate(folder),
            SizeInBytes = model.SizeInBytes,
            CreatedAt = model.CreatedAt,
        };
        return readSummary is null ? bundle : bundle with { Summary = _summaries.GetOrAdd(model.Id, _ => readSummary(bundle)) };

        string? Find(Func<string, bool> isIt)
        {
            var path = paths.Find(path => isIt(path.Text));
            return path == default ? null : path.In(folder.FullName);
        }
    }
}
