using System.Net;
using System.Net.Http.Headers;
using ModelRunner.ModelStore.Transfer;

namespace ModelRunner.ModelStore.Http;

/// <summary>A blob behind an URL.</summary>
/// <param name="name">What it is, for messages.</param>
/// <param name="size">Bytes of the whole.</param>
/// <param name="send">Sends a request for a range, with credentials where they are needed.</param>
internal sealed class HttpBlobSource(
    string name,
    long size,
    Func<RangeHeaderValue?, CancellationToken, Task<HttpResponseMessage>> send) : IBlobSource
{
    public async Task<BlobStream> OpenAsync(long offset, long length, CancellationToken cancellationToken)
    {
        var isWhole = offset == 0 && length == size;
        var response = await send(isWhole ? null : new RangeHeaderValue(offset, offset + length - 1), cancellationToken);
        try
        {
            var start = response.StatusCode switch
            {
                HttpStatusCode.OK => 0,
                HttpStatusCode.PartialContent => response.Content.Headers.ContentRange?.From
                    ?? throw new HttpRequestException($"The answer for {name} does not say which range it is."),
                _ => throw HttpFailure.Of(response, name),
            };
            return new BlobStream(await response.Content.ReadAsStreamAsync(cancellationToken), start, response);
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }
}
