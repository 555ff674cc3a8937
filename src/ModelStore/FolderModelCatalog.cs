using System.Collections.Concurrent;
using ModelRunner.Abstractions.Engines;

namespace ModelRunner.ModelStore;

/// <summary>
/// Models in folders that are used where they stand, never copied: explicit entries first, then
/// <c>DIR/[namespace/]name/</c> and <c>DIR/name.gguf</c>. The disk is read at each call, so that changes are seen.
/// </summary>
/// <param name="folders">The folders, in order; missing ones are empty.</param>
/// <param name="entries">Models named explicitly; they win over folders.</param>
/// <param name="readSummary">Reads a bundle's header; null when nobody does. Its answers are kept for each state of the files.</param>
public sealed class FolderModelCatalog(
    IReadOnlyList<string> folders,
    IReadOnlyList<ModelEntry> entries,
    Func<ModelBundle, ModelSummary?>? readSummary = null) : IModelCatalog
{
    // registry/namespace/name is the longest name there is.
    private const int MaxDepth = 3;

    // Summaries of models that come and go would gather for ever: past this the cache starts anew.
    private const int MaxSummaries = 4096;

    private static readonly EnumerationOptions Children = new() { IgnoreInaccessible = true };

    private readonly ConcurrentDictionary<(string, long, DateTimeOffset), ModelSummary?> _summaries = new();

    /// <inheritdoc/>
    public IReadOnlyList<ModelBundle> List()
    {
        var found = new Dictionary<string, ModelBundle>(StringComparer.Ordinal);
        foreach (var bundle in Scan()) found.TryAdd(ModelName.GetKey(bundle.Name), bundle);
        return [.. found.Values.OrderBy(bundle => bundle.Name, StringComparer.Ordinal).Select(WithSummary)];
    }

    /// <inheritdoc/>
    public ModelBundle? Find(ModelReference reference)
    {
        if (string.IsNullOrWhiteSpace(reference.Name)) return null;
        var key = ModelName.GetKey(reference.Name);
        var bundle = Scan().FirstOrDefault(bundle => ModelName.GetKey(bundle.Name) == key);
        return bundle is null ? null : WithSummary(bundle);
    }

    private IEnumerable<ModelBundle> Scan()
    {
        foreach (var entry in entries)
            if (TryRead(entry.Name, Path.GetFullPath(entry.Path)) is { } bundle)
                yield return bundle;

        foreach (var folder in folders)
            if (Directory.Exists(folder))
                foreach (var bundle in ScanFolder(Path.GetFullPath(folder), prefix: "", depth: 1))
                    yield return bundle;
    }

    private static IEnumerable<ModelBundle> ScanFolder(string folder, string prefix, int depth)
    {
        foreach (var child in ListChildren(folder))
        {
            if (TryRead(prefix + NameOf(child), child) is { } bundle) yield return bundle;
            else if (depth < MaxDepth && Directory.Exists(child))
                foreach (var inner in ScanFolder(child, $"{prefix}{Path.GetFileName(child)}/", depth + 1))
                    yield return inner;
        }
    }

    // Folders before files, each in the order of their names, so that the same disk gives the same list.
    private static List<string> ListChildren(string folder)
    {
        try
        {
            return
            [
                .. Directory.EnumerateDirectories(folder, "*", Children).Order(StringComparer.Ordinal),
                .. Directory.EnumerateFiles(folder, "*.gguf", Children).Order(StringComparer.Ordinal),
            ];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Removed between two looks: as if it had not been there.
            return [];
        }
    }

    private static ModelBundle? TryRead(string name, string path)
    {
        try
        {
            return BundleReader.Read(name, path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string NameOf(string path) =>
        Directory.Exists(path) ? Path.GetFileName(path) : Path.GetFileNameWithoutExtension(path);

    private ModelBundle WithSummary(ModelBundle bundle)
    {
        if (readSummary is null) return bundle;
        if (_summaries.Count > MaxSummaries) _summaries.Clear();
        var state = (bundle.GgufPath ?? bundle.OnnxFolder ?? bundle.Name, bundle.SizeInBytes, bundle.CreatedAt);
        return bundle with { Summary = _summaries.GetOrAdd(state, _ => readSummary(bundle)) };
    }
}
