using FastEndpoints;
using ModelRunner.Server.Models;

namespace ModelRunner.Server.Endpoints.Models;

/// <summary>Empties the store.</summary>
internal sealed class PurgeEndpoint(ModelRemoval removal) : EndpointWithoutRequest
{
    public override void Configure()
    {
        Delete("/models/purge");
        AllowAnonymous();
        Description(route => route.WithSummary("Removes all models of the store, unless one is in use"));
    }

    public override async Task HandleAsync(CancellationToken cancellationToken)
    {
        await removal.PurgeAsync(cancellationToken);
        await HttpContext.Response.StartAsync(cancellationToken);
    }
}
