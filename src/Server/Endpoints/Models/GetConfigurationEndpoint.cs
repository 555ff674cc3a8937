using FastEndpoints;
using ModelRunner.Abstractions.Engines;
using ModelRunner.ModelStore;
using ModelRunner.ModelStore.Content;
using ModelRunner.Runtime;
using ModelRunner.Server.Models;
using ModelRunner.Server.Requests;
using ModelRunner.Wire.Dmr;

namespace ModelRunner.Server.Endpoints.Models;

/// <summary>The settings that hold for one model, or for all that have any of their own.</summary>
internal sealed class GetConfigurationEndpoint(ConfiguredModels models, ModelRuntime runtime, ContentStore store) : EndpointWithoutRequest
{
    public override void Configure()
    {
        Get("/engines/_configure", "/engines/{engine}/_configure");
        AllowAnonymous();
        Description(route => route.WithSummary("How models are loaded; of one with ?model="));
    }

    public override Task HandleAsync(CancellationToken cancellationToken)
    {
        var wanted = HttpContext.Request.Query["model"].ToString();
        var bundles = wanted.Length > 0
            ? [runtime.Catalog.Find(new ModelReference(wanted)) ?? throw runtime.NotFound(wanted)]
            : runtime.Catalog.List().Where(bundle => models.ContainsKey(ModelName.GetKey(bundle.Name))).ToList();
        return HttpContext.Response.WriteAsJsonAsync(
            [.. bundles.Select(ToWire)], DmrJson.Default.ModelConfigEntryArray, cancellationToken: cancellationToken);
    }

    private ModelConfigEntry ToWire(ModelBundle bundle)
    {
        var key = ModelName.GetKey(bundle.Name);
        var settings = models.GetEffective(key);
        var engine = runtime.Engines.All.FirstOrDefault(engine => engine.CanServe(bundle))?.Name ?? "";
        return new ModelConfigEntry(
            engine,
            bundle.Name,
            store.Find(bundle.Name)?.Id.ToString() ?? ModelName.GetId(bundle.Name),
            "completion",
            new ModelSettingsEntry(settings.Load.ContextLength, GoDuration.Format(settings.KeepAlive), models.GetTexts(key)));
    }
}
