using Microsoft.AspNetCore.Http.Features;
using ModelRunner.Abstractions.Errors;
using ModelRunner.Server.Metrics;

namespace ModelRunner.Server.Requests;

/// <summary>Reads the bodies of calls that compute, within the bounds of the server.</summary>
internal sealed class CallReader(ServerMetrics metrics)
{
    /// <summary>Maps the fields of a body, which has none that it may not have.</summary>
    /// <typeparam name="TCall">The call as read.</typeparam>
    internal delegate TCall Map<TCall>(in RequestReader request);

    /// <summary>
    /// Reads a body. Its bytes, parts of which the call holds, count for the request's place until the response has ended.
    /// </summary>
    /// <exception cref="InvalidRequestException">The body is wrong; names the field.</exception>
    /// <exception cref="ServerBusyException">The server holds enough bytes of requests.</exception>
    public async Task<TCall> ReadAsync<TCall>(
        HttpContext context,
        FieldTable fields,
        Map<TCall> map,
        CancellationToken cancellationToken)
    {
        var place = context.Features.GetRequiredFeature<RequestPlace>();
        using var body = await RequestBody.ReadAsync(context.Request, place, cancellationToken);
        try
        {
            var unknown = fields.Check(body.Reader);
            var call = map(body.Reader);
            if (!body.HasWholeCharacters) throw Broken();
            metrics.CountUnknownFields(unknown);
            return call;
        }
        catch (InvalidOperationException) when (!body.HasWholeCharacters)
        {
            // What JsonElement throws when it has to compare or give such a text.
            throw Broken();
        }
    }

    private static InvalidRequestException Broken() => new("The body has a text with half of a surrogate pair.");
}
