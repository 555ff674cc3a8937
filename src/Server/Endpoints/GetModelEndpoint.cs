using FastEndpoints;
using ModelRunner.Abstractions.Engines;
using ModelRunner.Runtime;
using ModelRunner.Wire.OpenAi;

namespace ModelRunner.Server.Endpoints;

/// <summary>One model, by a name of any number of segments, percent-encoded or not.</summary>
internal sealed class GetModelEndpoint(ModelRuntime runtime) : EndpointWithoutRequest
{
    public override void Configure()
    {
        Get(ApiPaths.Of("models/{*name}"));
        AllowAnonymous();
        Description(route => route.WithSummary("One model, by its name of any number of segments"));
    }

    public override Task HandleAsync(CancellationToken cancellationToken)
    {
        // Routing has decoded all but the slash.
        var name = ((string?)HttpContext.Request.RouteValues["name"] ?? "").Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);
        var engine = ApiPaths.GetEngine(HttpContext) is { } engineName ? runtime.Engines.Get(engineName) : null;
        var bundle = name.Length == 0 ? null : runtime.Catalog.Find(new ModelReference(name));
        if (bundle is null || engine?.CanServe(bundle) == false)
            throw runtime.NotFound(name);
        return HttpContext.Response.WriteAsJsonAsync(
            ModelMapper.ToWire(bundle, runtime.GetResidents()), OpenAiJson.Relaxed.ModelObject, cancellationToken: cancellationToken);
    }
}
