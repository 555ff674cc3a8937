using System.Security.Cryptography;

namespace ModelRunner.ModelStore.Content;

/// <summary>Hashes a stream with a word of progress.</summary>
internal static class BlobHash
{
    public static async Task<Digest> ComputeAsync(Stream stream, Action<long>? progress, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[1 << 20];
        long total = 0;
        int count;
        while ((count = await stream.ReadAsync(buffer, cancellationToken)) > 0)
        {
            hash.AppendData(buffer, 0, count);
            progress?.Invoke(total += count);
        }

        return Digest.FromHash(hash.GetHashAndReset());
    }
}
