using FastEndpoints;
using ModelRunner.Abstractions.Errors;
using ModelRunner.ModelStore;
using ModelRunner.ModelStore.Content;
using ModelRunner.Runtime;
using ModelRunner.Server.Models;
using ModelRunner.Wire.Dmr;

namespace ModelRunner.Server.Endpoints.Models;

/// <summary>One model, here or in its registry; or, with <c>/export</c> behind its name, its files as a tar.</summary>
internal sealed class GetStoredEndpoint(ModelListing listing, ModelRuntime runtime, ContentStore store, ModelTransfers transfers) : EndpointWithoutRequest
{
    private const string Export = "export";

    public override void Configure()
    {
        Get("/models/{*name}");
        AllowAnonymous();
        Description(route => route.WithSummary("One model, with ?remote=true as its registry has it; as a tar behind /export"));
    }

    public override async Task HandleAsync(CancellationToken cancellationToken)
    {
        var name = ModelNameRoute.GetName(HttpContext);
        if (ModelNameRoute.GetNameAndAction(HttpContext) is ({ Length: > 0 } exported, Export) && listing.Find(name) is null)
        {
            await ExportAsync(exported, cancellationToken);
            return;
        }

        var model = ModelNameRoute.HasFlag(HttpContext, "remote")
            ? ModelListing.ToWire(await transfers.InspectRemoteAsync(name, null, cancellationToken))
            : listing.Find(name) ?? throw runtime.NotFound(name);
        await HttpContext.Response.WriteAsJsonAsync(model, DmrJson.Default.StoredModelInfo, cancellationToken: cancellationToken);
    }

    private async Task ExportAsync(string name, CancellationToken cancellationToken)
    {
        var model = store.Find(name) ?? throw (listing.Find(name) is null
            ? runtime.NotFound(name)
            : new InvalidRequestException($"'{name}' is used where it stands: there is nothing to export.", "model"));
        HttpContext.Response.ContentType = "application/x-tar";
        await transfers.ExportAsync(model, HttpContext.Response.Body, cancellationToken);
    }
}
