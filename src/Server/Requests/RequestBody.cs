using System.Text.Json;
using System.Text.Unicode;
using ModelRunner.Abstractions.Errors;

namespace ModelRunner.Server.Requests;

/// <summary>The JSON object in the body of a request.</summary>
internal sealed class RequestBody : IDisposable
{
    // Tool schemas nest; nothing sensible goes deeper.
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 64 };

    private readonly JsonDocument _document;

    private RequestBody(JsonDocument document, ReadOnlyMemory<byte> body)
    {
        _document = document;
        Reader = new RequestReader(document.RootElement, body);
    }

    /// <summary>Reads the fields; valid until disposal, but for the texts that it gave.</summary>
    public RequestReader Reader { get; }

    /// <exception cref="InvalidRequestException">The body is no JSON object.</exception>
    public static async Task<RequestBody> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        // Grown as bytes arrive: the length that a header claims reserves nothing.
        using var stream = new MemoryStream();
        await request.Body.CopyToAsync(stream, cancellationToken);
        var body = new ReadOnlyMemory<byte>(stream.GetBuffer(), 0, (int)stream.Length);
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

        if (document.RootElement.ValueKind == JsonValueKind.Object) return new RequestBody(document, body);
        document.Dispose();
        throw new InvalidRequestException("The body must be a JSON object.");
    }

    public void Dispose() => _document.Dispose();
}
