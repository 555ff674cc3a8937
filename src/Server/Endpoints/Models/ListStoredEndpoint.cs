using FastEndpoints;
using ModelRunner.Server.Models;
using ModelRunner.Wire.Dmr;

namespace ModelRunner.Server.Endpoints.Models;

/// <summary>The models in Docker Model Runner's form.</summary>
internal sealed class ListStoredEndpoint(ModelListing listing) : EndpointWithoutRequest
{
    public override void Configure()
    {
        Get("/models");
        AllowAnonymous();
        Description(route => route.WithSummary("The models with their names and configurations"));
    }

    public override Task HandleAsync(CancellationToken cancellationToken) =>
        HttpContext.Response.WriteAsJsonAsync([.. listing.List()], DmrJson.Default.StoredModelInfoArray, cancellationToken: cancellationToken);
}
