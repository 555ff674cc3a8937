using FastEndpoints;
using ModelRunner.Server.Models;
using ModelRunner.Wire.Dmr;

namespace ModelRunner.Server.Endpoints.Models;

/// <summary>Removes a name, or a model.</summary>
internal sealed class DeleteModelEndpoint(ModelRemoval removal) : EndpointWithoutRequest
{
    public override void Configure()
    {
        Delete("/models/{*name}");
        AllowAnonymous();
        Description(route => route.WithSummary("Removes a name of a model, and with the last one its files, unless it is in use"));
    }

    public override async Task HandleAsync(CancellationToken cancellationToken)
    {
        var done = await removal.RemoveAsync(
            ModelNameRoute.GetName(HttpContext), ModelNameRoute.HasFlag(HttpContext, "force"), cancellationToken);
        var actions = done.Untagged.Select(tag => new DeleteAction { Untagged = tag })
            .Concat(done.Deleted is null ? [] : [new DeleteAction { Deleted = done.Deleted }]);
        await HttpContext.Response.WriteAsJsonAsync([.. actions], DmrJson.Default.DeleteActionArray, cancellationToken: cancellationToken);
    }
}
