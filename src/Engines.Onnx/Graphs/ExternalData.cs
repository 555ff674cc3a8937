using System.Globalization;
using ModelRunner.Abstractions.Errors;

namespace ModelRunner.Engines.Onnx.Graphs;

/// <summary>
/// Decides which files the weights of a graph may lie in: plain files inside the folder of the graph, reached without
/// links. Whatever else a graph names would be read into a model that a stranger sees.
/// </summary>
internal sealed class ExternalData
{
    // A model has some data files; a graph that names more makes the check itself expensive.
    private const int MaxFiles = 4096;
    private const int MaxLocationLength = 1024;

    private readonly string _folder;
    private readonly Dictionary<string, long> _sizes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _paths = new(StringComparer.Ordinal);

    /// <param name="folder">Full path of the graph's folder.</param>
    public ExternalData(string folder) => _folder = folder;

    /// <summary>Full paths of the files that were named.</summary>
    public IReadOnlyList<string> Files => [.. _paths.Values.Order(StringComparer.Ordinal)];

    /// <summary>Checks the place of one tensor's data.</summary>
    /// <param name="tensor">The tensor's name, for errors.</param>
    /// <param name="entries">Keys and values of <c>external_data</c>.</param>
    /// <param name="sizeInBytes">What the tensor's shape needs.</param>
    /// <returns>The place: the same text for the same bytes.</returns>
    /// <exception cref="ModelLoadException">The place is not allowed, or not there.</exception>
    public string Check(string tensor, IReadOnlyDictionary<string, string> entries, long sizeInBytes)
    {
        if (!entries.TryGetValue("location", out var location) || location.Length == 0)
            throw new ModelLoadException($"the external data of '{tensor}' has no location");

        var fileSize = GetSize(tensor, location);
        var offset = ReadNumber(tensor, entries, "offset") ?? 0;
        var length = ReadNumber(tensor, entries, "length") ?? sizeInBytes;
        if (length != sizeInBytes)
            throw new ModelLoadException($"'{tensor}' has {length} bytes in '{location}', its shape needs {sizeInBytes}");
        if (offset > fileSize || length > fileSize - offset)
            throw new ModelLoadException(
                $"'{tensor}' lies at bytes {offset} to {(Int128)offset + length} of '{location}', which ends at {fileSize}");
        return string.Create(CultureInfo.InvariantCulture, $"{location}@{offset}+{length}");
    }

    private static long? ReadNumber(string tensor, IReadOnlyDictionary<string, string> entries, string key) =>
        !entries.TryGetValue(key, out var text) ? null
        : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : throw new ModelLoadException($"the external data of '{tensor}' has the {key} '{text}', which is no number");

    private long GetSize(string tensor, string location)
    {
        if (_sizes.TryGetValue(location, out var size))
            return size;
        if (_sizes.Count == MaxFiles)
            throw new ModelLoadException($"its weights lie in more than {MaxFiles} files");

        var path = FolderFiles.Resolve(_folder, location, $"the external data of '{Shorten(tensor)}'");
        _paths[path] = path;
        return _sizes[location] = new FileInfo(path).Length;
    }

    private static string Shorten(string name) => name.Length <= MaxLocationLength ? name : name[..MaxLocationLength];
}
