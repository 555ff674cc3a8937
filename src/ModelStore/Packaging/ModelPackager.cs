using ModelRunner.Abstractions.Errors;
using ModelRunner.ModelStore.Artifacts;
using ModelRunner.ModelStore.Content;

namespace ModelRunner.ModelStore.Packaging;

/// <summary>Makes models of local files.</summary>
internal sealed class ModelPackager(ContentStore store, TimeProvider time)
{
    private const int MaxFiles = 1024;

    private static readonly EnumerationOptions Deep = new() { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint };

    /// <summary>Adds a model of files on disk.</summary>
    /// <param name="source">A GGUF file, of a sharded model the first, or a folder whose files keep their paths.</param>
    /// <param name="options">What goes with it.</param>
    /// <param name="name">The name it gets; null for none.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="InvalidRequestException">There is no such file or folder, or no model in it.</exception>
    /// <exception cref="StoreException">A file is not what it should be, or the disk is full.</exception>
    public async Task<Manifest> PackageAsync(string source, PackageOptions options, string? name, CancellationToken cancellationToken)
    {
        var manifest = Directory.Exists(source) ? await PackageFolderAsync(source, options, cancellationToken)
            : File.Exists(source) ? await PackageGgufAsync(source, options, cancellationToken)
            : throw new InvalidRequestException($"There is no file or folder '{source}'.", "source");
        await store.CommitAsync(manifest, name, cancellationToken);
        return manifest;
    }

    private async Task<Manifest> PackageGgufAsync(string path, PackageOptions options, CancellationToken cancellationToken)
    {
        var builder = new ArtifactBuilder(store, time);
        var config = GgufConfig.Read(path) with { ContextSize = options.ContextSize };
        foreach (var shard in GgufShards.GetAll(path)) await AddAsync(builder, shard, MediaTypes.Gguf, null, cancellationToken);
        foreach (var (file, type) in options.GetFiles()) await AddAsync(builder, file, type, null, cancellationToken);
        return builder.Build(config, isByPath: false);
    }

    private async Task<Manifest> PackageFolderAsync(string folder, PackageOptions options, CancellationToken cancellationToken)
    {
        var builder = new ArtifactBuilder(store, time);
        var files = Directory.EnumerateFiles(folder, "*", Deep)
            .Select(path => (Path: path, Name: Path.GetRelativePath(folder, path).Replace(Path.DirectorySeparatorChar, '/')))
            .Where(file => !file.Name.Split('/').Any(segment => segment.StartsWith('.')))
            .OrderBy(file => file.Name, StringComparer.Ordinal)
            .Take(MaxFiles + 1)
            .ToList();
        if (files.Count > MaxFiles) throw new InvalidRequestException($"'{folder}' has more than {MaxFiles} files: it is no model.", "source");
        var format = FileKinds.GetFormat(files.Select(file => file.Name))
            ?? throw new InvalidRequestException($"'{folder}' has no GGUF file, no genai_config.json and no safetensors: it is no model.", "source");
        foreach (var (path, name) in files)
            await AddAsync(builder, path, FileKinds.GetMediaType(name), name, cancellationToken);
        var gguf = files.Find(file => FileKinds.IsWeights(file.Name));
        var config = format == FileKinds.Gguf ? GgufConfig.Read(gguf.Path)
            : new ModelConfig { Format = format, Size = GgufConfig.FormatSize(files.Sum(file => new FileInfo(file.Path).Length)) };
        return builder.Build(config with { ContextSize = options.ContextSize }, isByPath: true);
    }

    private async Task AddAsync(ArtifactBuilder builder, string path, string type, string? name, CancellationToken cancellationToken)
    {
        try
        {
            await using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1, useAsync: true);
            store.RequireSpace(stream.Length);
            var digest = await store.AddBlobAsync(stream, expected: null, null, cancellationToken)
                ?? throw new InvalidOperationException("A blob of no given digest cannot differ.");
            builder.Add(digest, stream.Length, type, name);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException)
        {
            throw new InvalidRequestException($"The file '{path}' cannot be read: {exception.Message}", "source");
        }
    }
}
