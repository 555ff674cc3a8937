using FastEndpoints;
using ModelRunner.Runtime;
using ModelRunner.Wire.OpenAi;

namespace ModelRunner.Server.Endpoints;

/// <summary>The models that the named engine, or any one, can serve.</summary>
internal sealed class ListModelsEndpoint(ModelRuntime runtime) : EndpointWithoutRequest
{
    public override void Configure()
    {
        Get(ApiPaths.Of("models"));
        AllowAnonymous();
        Description(route => route.WithSummary("The models"));
    }

    public override Task HandleAsync(CancellationToken cancellationToken)
    {
        var engine = ApiPaths.GetEngine(HttpContext) is { } name ? runtime.Engines.Get(name) : null;
        var residents = runtime.GetResidents();
        var models = runtime.Catalog.List()
            .Where(bundle => engine is null || engine.CanServe(bundle))
            .Select(bundle => ModelMapper.ToWire(bundle, residents))
            .ToList();
        return HttpContext.Response.WriteAsJsonAsync(
            new ModelList("list", models), OpenAiJson.Relaxed.ModelList, cancellationToken: cancellationToken);
    }
}
