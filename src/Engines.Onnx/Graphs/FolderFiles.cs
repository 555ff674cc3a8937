using ModelRunner.Abstractions.Errors;

namespace ModelRunner.Engines.Onnx.Graphs;

/// <summary>Finds files that a model's own text names, only inside the model's folder and without following links.</summary>
internal static class FolderFiles
{
    private const int MaxLength = 1024;

    /// <summary>Full path of an existing plain file.</summary>
    /// <param name="folder">Full path of the folder.</param>
    /// <param name="relativePath">As the model names it: parts divided by slashes.</param>
    /// <param name="what">What names it, for errors.</param>
    /// <exception cref="ModelLoadException">The path leads out of the folder or through a link, or nothing is there.</exception>
    public static string Resolve(string folder, string relativePath, string what) =>
        Walk(folder, relativePath, what) is var path && File.Exists(path)
            ? path
            : throw new ModelLoadException($"{what} names '{relativePath}', which is not in the folder");

    /// <summary>Full path of an existing sub folder.</summary>
    /// <inheritdoc cref="Resolve"/>
    public static string ResolveFolder(string folder, string relativePath, string what) =>
        Walk(folder, relativePath, what) is var path && Directory.Exists(path)
            ? path
            : throw new ModelLoadException($"{what} names '{relativePath}', which is not in the folder");

    private static string Walk(string folder, string relativePath, string what)
    {
        if (relativePath.Length is 0 or > MaxLength)
            throw new ModelLoadException($"{what} names a path of {relativePath.Length} characters");
        if (relativePath.Any(char.IsControl) || relativePath.Contains('\\', StringComparison.Ordinal)
            || relativePath.Contains(':', StringComparison.Ordinal))
            throw new ModelLoadException($"{what} names '{Printable(relativePath)}', which is no path inside the folder");

        var parts = relativePath.Split('/');
        if (parts.Any(part => part is "" or ".."))
            throw new ModelLoadException($"{what} names '{relativePath}', which leads out of the folder");

        var path = folder;
        foreach (var part in parts)
        {
            if (part == ".")
                continue;
            path = Path.Combine(path, part);
            if (new FileInfo(path).LinkTarget is not null)
                throw new ModelLoadException($"{what} names '{relativePath}', which is a link; only plain files are opened");
        }

        return path;
    }

    private static string Printable(string text) => string.Concat(text.Select(letter => char.IsControl(letter) ? '?' : letter));
}
