namespace ModelRunner.Gguf;

/// <summary>
/// A checked GGUF model: header, metadata and tensor table of one file or of all its shards. Immutable and thread-safe;
/// holds no file open. Whether the model makes sense is the question of <c>GgufModelValidator</c>.
/// </summary>
public sealed class GgufFile
{
    internal const int DefaultAlignment = 32;
    internal const int MaximumAlignment = 1 << 20;
    private readonly Dictionary<string, GgufTensor> _byName;

    internal GgufFile(
        int version, int alignment, GgufMetadata metadata, IReadOnlyList<GgufTensor> tensors, IReadOnlyList<GgufShard> shards)
    {
        Version = version;
        Alignment = alignment;
        Metadata = metadata;
        Tensors = tensors;
        Shards = shards;
        _byName = tensors.ToDictionary(tensor => tensor.Name, StringComparer.Ordinal);
    }

    /// <summary>2 or 3.</summary>
    public int Version { get; }

    /// <summary>Bytes; a power of two.</summary>
    public int Alignment { get; }

    /// <summary>Of the first shard.</summary>
    public GgufMetadata Metadata { get; }

    /// <summary>Of all shards.</summary>
    public IReadOnlyList<GgufTensor> Tensors { get; }

    /// <summary>One or more; the first holds the metadata.</summary>
    public IReadOnlyList<GgufShard> Shards { get; }

    /// <summary>Bytes from the start of the first shard to its data section.</summary>
    public long DataOffset => Shards[0].DataOffset;

    /// <summary>Bytes of all shards.</summary>
    public long Length => Shards.Sum(shard => shard.Length);

    /// <summary>Reads a file, and the other shards beside it when it is the first of several.</summary>
    /// <exception cref="GgufException">The file is refused.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static GgufFile Read(string path)
    {
        var first = ReadOne(path);
        return GgufShards.IsSharded(first.Metadata) ? GgufShards.ReadAll(first, path, ReadOne) : first;
    }

    /// <summary>Reads one file from a stream that can seek, from its start; shards are not followed.</summary>
    /// <exception cref="GgufException">The file is refused.</exception>
    public static GgufFile Read(Stream stream)
    {
        stream.Position = 0;
        return GgufReader.Read(stream, stream.Length, "");
    }

    /// <summary>The tensor of that name, or null.</summary>
    public GgufTensor? FindTensor(string name) => _byName.GetValueOrDefault(name);

    private static GgufFile ReadOne(string path)
    {
        // HeaderBytes reads in large pieces, so a buffer of the stream would only copy.
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        return GgufReader.Read(stream, stream.Length, path);
    }
}
