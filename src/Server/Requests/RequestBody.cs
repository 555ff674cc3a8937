using System.Buffers;
using System.Text.Json;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http.Features;
using ModelRunner.Abstractions.Errors;

namespace ModelRunner.Server.Requests;

/// <summary>The JSON object in the body of a request.</summary>
internal sealed class RequestBody : IDisposable
{
    // Tool schemas nest; nothing sensible goes deeper.
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 64 };

    private const int ChunkSizeInBytes = 16 * 1024;

    private readonly JsonDocument _document;
    private readonly ReadOnlyMemory<byte> _body;

    private RequestBody(JsonDocument document, ReadOnlyMemory<byte> body)
    {
        _document = document;
        _body = body;
        Reader = new RequestReader(document.RootElement, body);
    }

    /// <summary>Reads the fields; valid until disposal, but for the texts that it gave.</summary>
    public RequestReader Reader { get; }

    /// <summary>Whether all that is escaped is Unicode text. The parser leaves it open until a text is read.</summary>
    public bool HasWholeCharacters => EscapedText.IsWhole(_body.Span);

    /// <param name="request">The request.</param>
    /// <param name="place">Is charged with the bytes.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="InvalidRequestException">The body is no JSON object.</exception>
    /// <exception cref="ServerBusyException">Too many bytes of requests are in memory.</exception>
    public static async Task<RequestBody> ReadAsync(
        HttpRequest request,
        RequestPlace place,
        CancellationToken cancellationToken)
    {
        CheckLength(request);
        var body = await ReadBytesAsync(request.Body, place, cancellationToken);
        if (!Utf8.IsValid(body.Span)) throw new InvalidRequestException("The body is not UTF-8.");
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(body, Options);
        }
        catch (JsonException exception)
        {
            throw new InvalidRequestException(
                $"The body is not JSON: line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}, "
                + $"or deeper than {Options.MaxDepth} levels.");
        }

        var rule = document.RootElement.ValueKind != JsonValueKind.Object ? "must be a JSON object"
            : document.RootElement.GetPropertyCount() > Bounds.MaxFields ? $"must have at most {Bounds.MaxFields} fields"
            : null;
        if (rule is null) return new RequestBody(document, body);
        document.Dispose();
        throw new InvalidRequestException($"The body {rule}.");
    }

    public void Dispose() => _document.Dispose();

    // Kestrel would refuse at the first read and close the connection over a client that is still sending, which then sees
    // a broken pipe and not the answer. Without its limit, it reads the rest away for some seconds.
    private static void CheckLength(HttpRequest request)
    {
        var limit = request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>();
        if (limit is not { IsReadOnly: false } || !(request.ContentLength > limit.MaxRequestBodySize)) return;
        limit.MaxRequestBodySize = null;
        throw new BadHttpRequestException("The body is too large.", StatusCodes.Status413PayloadTooLarge);
    }

    // Grown and charged as bytes arrive: the length that a header claims reserves nothing.
    private static async Task<ReadOnlyMemory<byte>> ReadBytesAsync(
        Stream stream,
        RequestPlace place,
        CancellationToken cancellationToken)
    {
        using var bytes = new MemoryStream();
        using var chunk = MemoryPool<byte>.Shared.Rent(ChunkSizeInBytes);
        while (await stream.ReadAsync(chunk.Memory, cancellationToken) is var count and > 0)
        {
            place.AddBytes(count);
            bytes.Write(chunk.Memory.Span[..count]);
        }

        return new ReadOnlyMemory<byte>(bytes.GetBuffer(), 0, (int)bytes.Length);
    }
}
