using ModelRunner.ModelStore.Transfer;

namespace ModelRunner.ModelStore.Http;

/// <summary>Reads small answers with a bound.</summary>
internal static class BoundedContent
{
    public static async Task<byte[]> ReadAsync(HttpResponseMessage response, int maxSize, CancellationToken cancellationToken)
    {
        var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        var bytes = new MemoryStream();
        var buffer = new byte[1 << 16];
        int count;
        while ((count = await stream.ReadAsync(buffer, cancellationToken)) > 0)
        {
            if (bytes.Length + count > maxSize)
                throw new TransferException(
                    TransferException.Unavailable, $"'{response.RequestMessage?.RequestUri?.Host}' answers with more than {maxSize} bytes.");
            bytes.Write(buffer, 0, count);
        }

        return bytes.ToArray();
    }
}
