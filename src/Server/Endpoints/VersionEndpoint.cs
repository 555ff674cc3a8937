using FastEndpoints;
using ModelRunner.Server.Composition;
using ModelRunner.Wire.Dmr;

namespace ModelRunner.Server.Endpoints;

/// <summary>The server's version.</summary>
internal sealed class VersionEndpoint : EndpointWithoutRequest
{
    public override void Configure()
    {
        Verbs(Http.GET, Http.HEAD);
        Routes("/version");
        AllowAnonymous();
        Description(route => route.WithSummary("The server's version"));
    }

    public override Task HandleAsync(CancellationToken cancellationToken) =>
        HttpContext.Response.WriteAsJsonAsync(
            new VersionInfo(ServerApplication.Version), DmrJson.Default.VersionInfo, cancellationToken: cancellationToken);
}
