using FastEndpoints;
using ModelRunner.ModelStore.Content;
using ModelRunner.Server.Models;
using ModelRunner.Wire.Dmr;

namespace ModelRunner.Server.Endpoints.Models;

/// <summary>Removes what no model names.</summary>
internal sealed class CollectEndpoint(ContentStore store) : EndpointWithoutRequest
{
    public override void Configure()
    {
        Post("/models/gc");
        AllowAnonymous();
        Description(route => route.WithSummary("Removes files that no model names, and old beginnings of downloads; with ?all=true young ones too"));
    }

    public override async Task HandleAsync(CancellationToken cancellationToken)
    {
        var freed = await store.CollectAsync(ModelNameRoute.HasFlag(HttpContext, "all"), cancellationToken);
        await HttpContext.Response.WriteAsJsonAsync(new CollectResult(freed), DmrJson.Default.CollectResult, cancellationToken: cancellationToken);
    }
}
