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
    public async Task<string> HashAsync(CancellationToken cancellationToken)
    {
        await using var stream = File.OpenRead(Path);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellationToken));
    }
}
