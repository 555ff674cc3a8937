using FastEndpoints;
using ModelRunner.Runtime;
using ModelRunner.Server.Requests;
using ModelRunner.Wire.Dmr;

namespace ModelRunner.Server.Endpoints.Engines;

/// <summary>Unloads models that nobody uses.</summary>
internal sealed class UnloadEndpoint(ModelRuntime runtime, RequestBudget budget) : EndpointWithoutRequest
{
    public override void Configure()
    {
        Post("/engines/unload");
        AllowAnonymous();
        Description(route => route.WithSummary("Unloads all models, or those of an engine or of a list, that are not in use"));
    }

    public override async Task HandleAsync(CancellationToken cancellationToken)
    {
        bool isAll;
        string? engine;
        List<string> names;
        using (var place = budget.Enter())
        using (var body = await RequestBody.ReadAsync(HttpContext.Request, place, cancellationToken))
        {
            isAll = body.Reader.Flag("all") ?? false;
            engine = body.Reader.Text("backend", Bounds.MaxNameLength) is { Length: > 0 } name ? name : null;
            names = MapNames(body.Reader);
        }

        if (engine is not null) runtime.Engines.Get(engine);
        var isNothing = !isAll && engine is null && names.Count == 0;
        var count = isNothing ? 0 : await runtime.UnloadAsync(isAll ? null : engine, isAll || names.Count == 0 ? null : names);
        await HttpContext.Response.WriteAsJsonAsync(
            new UnloadResult(count), DmrJson.Default.UnloadResult, cancellationToken: cancellationToken);
    }

    private static List<string> MapNames(in RequestReader request)
    {
        var names = new List<string>();
        if (request.Array("models", Bounds.MaxParts) is not { } array) return names;
        foreach (var entry in array.EnumerateArray())
            names.Add(entry.ValueKind == System.Text.Json.JsonValueKind.String
                ? request.TextOf(entry, "models")
                : throw request.Invalid("models", "must be names"));
        return names;
    }
}
