using FastEndpoints;
using ModelRunner.Runtime;
using ModelRunner.Server.Requests;
using ModelRunner.Wire.Dmr;

namespace ModelRunner.Server.Endpoints.Engines;

/// <summary>The models in memory.</summary>
internal sealed class ResidentsEndpoint(ModelRuntime runtime) : EndpointWithoutRequest
{
    public override void Configure()
    {
        Get("/engines/ps");
        AllowAnonymous();
        Description(route => route.WithSummary("The models that are loaded or loading"));
    }

    public override Task HandleAsync(CancellationToken cancellationToken) =>
        HttpContext.Response.WriteAsJsonAsync(
            [.. runtime.GetResidents().Select(ToWire)], DmrJson.Default.ResidentEntryArray, cancellationToken: cancellationToken);

    private static ResidentEntry ToWire(ResidentSnapshot resident) => new(
        resident.EngineName,
        resident.ModelName,
        resident.IsGenerative ? "completion" : "embedding",
        resident.LastUsed,
        resident.UserCount > 0,
        resident.IsLoading,
        GoDuration.Format(resident.KeepAlive),
        resident.Progress,
        resident.SizeInBytes,
        resident.ContextLength,
        resident.IsHealthy,
        resident.UserCount);
}
