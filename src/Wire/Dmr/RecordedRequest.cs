using System.Text.Json.Serialization;

namespace ModelRunner.Wire.Dmr;

/// <summary>A request and its answer, as <c>GET /engines/requests</c> tells them.</summary>
/// <param name="Id">The request's id, as in the header <c>x-request-id</c>.</param>
/// <param name="Model">The model as the request spells it.</param>
/// <param name="Method">The HTTP method.</param>
/// <param name="Url">The path.</param>
/// <param name="Request">The body.</param>
/// <param name="Response">The body of the answer as it went out; absent after an error.</param>
/// <param name="Error">The body of an error; absent without one.</param>
/// <param name="Timestamp">When it came, in Unix seconds.</param>
/// <param name="StatusCode">The HTTP status.</param>
/// <param name="UserAgent">What the client calls itself; absent when it does not.</param>
public sealed record RecordedRequest(
    string Id,
    string Model,
    string Method,
    string Url,
    string Request,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Response,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Error,
    long Timestamp,
    int StatusCode,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? UserAgent);
