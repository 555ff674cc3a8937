using FastEndpoints;
using ModelRunner.Runtime;
using ModelRunner.Wire.Dmr;

namespace ModelRunner.Server.Endpoints.Engines;

/// <summary>Each engine in a line, as Docker Model Runner tells it.</summary>
internal sealed class StatusEndpoint(EngineRegistry engines) : EndpointWithoutRequest
{
    public override void Configure()
    {
        Get("/engines/status");
        AllowAnonymous();
        Description(route => route.WithSummary("The engines and whether they run"));
    }

    public override Task HandleAsync(CancellationToken cancellationToken)
    {
        var lines = engines.All.ToDictionary(engine => engine.Name, engine => engine.Status switch
        {
            { IsAvailable: true } status => $"Running: {engine.Name} {status.Version} on {string.Join(", ", status.Devices)}",
            var status => $"Error: {status.Reason}",
        });
        return HttpContext.Response.WriteAsJsonAsync(
            lines, DmrJson.Default.DictionaryStringString, cancellationToken: cancellationToken);
    }
}
