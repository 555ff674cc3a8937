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
    }

    public override Task HandleAsync(CancellationToken cancellationToken)
    {
        var engine = ApiPaths.GetEngine(HttpContext) is { } name ? runtime.Engines.Get(name) : null;
        var models = runtime.Catalog.List()
            .Where(bundle => engine is null || engine.CanServe(bundle))
            .Select(ModelMapper.ToWire)
            .ToList();
        return HttpContext.Response.WriteAsJsonAsync(
            new ModelList("list", models), OpenAiJson.Relaxed.ModelList, cancellationToken: cancellationToken);
    }
}
