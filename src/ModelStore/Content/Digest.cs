using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace ModelRunner.ModelStore.Content;

/// <summary>
/// A SHA-256 digest as OCI writes it: <c>sha256:</c> and 64 lower-case hex digits. The only way from outside text to a
/// path of the store, so that no text can name another file. The default value is no digest and must not be used.
/// </summary>
public readonly record struct Digest
{
    private const string Prefix = "sha256:";
    private const int HexLength = 64;

    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdef");

    private Digest(string hex) => Hex = hex;

    /// <summary>The 64 hex digits.</summary>
    public string Hex { get; }

    /// <summary>Reads <c>sha256:</c> and 64 lower-case hex digits, and nothing else.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out Digest digest)
    {
        var isValid = text is { Length: 71 }
            && text.StartsWith(Prefix, StringComparison.Ordinal)
            && !text.AsSpan(Prefix.Length).ContainsAnyExcept(HexDigits);
        digest = isValid ? new Digest(text![Prefix.Length..]) : default;
        return isValid;
    }

    /// <summary>Reads the hex digits alone, as file names have them.</summary>
    public static bool TryParseHex(string? hex, out Digest digest) => TryParse(Prefix + hex, out digest);

    /// <summary>Reads a digest.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static Digest Parse(string? text) =>
        TryParse(text, out var digest) ? digest : throw new FormatException("A digest must be 'sha256:' and 64 lower-case hex digits.");

    /// <summary>The digest of bytes.</summary>
    public static Digest Of(ReadOnlySpan<byte> bytes)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes, hash);
        return FromHash(hash);
    }

    /// <summary>The digest whose 32 bytes these are.</summary>
    public static Digest FromHash(ReadOnlySpan<byte> hash) =>
        hash.Length * 2 == HexLength ? new Digest(Convert.ToHexStringLower(hash)) : throw new ArgumentException("SHA-256 has 32 bytes.", nameof(hash));

    /// <inheritdoc/>
    public override string ToString() => Prefix + Hex;
}
