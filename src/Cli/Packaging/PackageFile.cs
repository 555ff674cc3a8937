using System.Security.Cryptography;

namespace ModelRunner.Cli.Packaging;

/// <summary>A file of a package.</summary>
/// <param name="Path">Where it stands.</param>
/// <param name="Name">Its path in the model; null where it is known by its type.</param>
/// <param name="MediaType">What it is.</param>
internal sealed record PackageFile(string Path, string? Name, string MediaType)
{
    public long Size { get; } = new FileInfo(Path).Length;

    /// <summary>The hex digits of its SHA-256.</summary>
    public async Task<string> HashAsync(Action<long> progress, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using var stream = Open(progress);
        var buffer = new byte[1 << 20];
        int count;
        while ((count = await stream.ReadAsync(buffer, cancellationToken)) > 0) hash.AppendData(buffer, 0, count);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Its bytes, with a word of how many were read.</summary>
    public Stream Open(Action<long> progress) => new WatchedFile(Path, progress);
}
