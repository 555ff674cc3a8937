using System.Globalization;
using System.Text.Json;
using FastEndpoints;
using ModelRunner.Abstractions.Engines;
using ModelRunner.Abstractions.Errors;
using ModelRunner.ModelStore;
using ModelRunner.Runtime;
using ModelRunner.Server.Models;
using ModelRunner.Server.Options;
using ModelRunner.Server.Requests;

namespace ModelRunner.Server.Endpoints.Models;

/// <summary>Sets how a model is loaded from now on, and loads it ahead.</summary>
internal sealed class ConfigureEndpoint(
    ConfiguredModels models, ModelRuntime runtime, RequestBudget budget, ILogger<ConfigureEndpoint> logger) : EndpointWithoutRequest
{
    // What Docker Model Runner hands to its engines as it comes: flags that may name files are nothing to take from a network.
    private static readonly string[] Refused = ["runtime-flags", "raw-runtime-flags", "speculative", "vllm", "llamacpp"];

    public override void Configure()
    {
        Post("/engines/_configure", "/engines/{engine}/_configure");
        AllowAnonymous();
        Description(route => route.WithSummary("Sets how a model is loaded; kept over restarts"));
    }

    public override async Task HandleAsync(CancellationToken cancellationToken)
    {
        string name;
        Dictionary<string, string> texts;
        using (var place = budget.Enter())
        using (var body = await RequestBody.ReadAsync(HttpContext.Request, place, cancellationToken))
        {
            name = body.Reader.Text("model", Bounds.MaxNameLength) is { Length: > 0 } text ? text
                : throw new InvalidRequestException("'model' must name a model.", "model");
            texts = Map(body.Reader);
        }

        var engine = ApiPaths.GetEngine(HttpContext);
        if (engine is not null) runtime.Engines.Get(engine);
        var bundle = runtime.Catalog.Find(new ModelReference(name)) ?? throw runtime.NotFound(name);
        await runtime.UnloadAsync(null, [bundle.Name]);
        if (runtime.GetResidents().Any(resident => resident.ModelName == bundle.Name))
            throw new StoreException(StoreException.Conflict, $"The model '{name}' is in use. Try again when its requests have ended.");
        try
        {
            models.Configure(ModelName.GetKey(bundle.Name), texts);
        }
        catch (FormatException exception)
        {
            throw new InvalidRequestException(exception.Message);
        }

        _ = PreloadAsync(engine, bundle.Name);
        HttpContext.Response.StatusCode = StatusCodes.Status202Accepted;
        await HttpContext.Response.StartAsync(cancellationToken);
    }

    private static Dictionary<string, string> Map(in RequestReader request)
    {
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var name in Refused)
            if (request.Get(name) is { } value && !IsEmpty(value))
                throw request.Invalid(name, $"is not taken: set {string.Join(", ", ModelSetting.All.Select(setting => setting.Name))}");
        foreach (var setting in ModelSetting.All)
            if ((request.Get(setting.Name) ?? (setting.Name == "keep-alive" ? request.Get("keep_alive") : null)) is { } value)
                texts[setting.Name] = value.ValueKind switch
                {
                    JsonValueKind.String => request.TextOf(value, setting.Name),
                    JsonValueKind.Number when value.TryGetInt64(out var number) => number.ToString(CultureInfo.InvariantCulture),
                    JsonValueKind.True => "true",
                    JsonValueKind.False => "false",
                    _ => throw request.Invalid(setting.Name, "must be text, an integer or a boolean"),
                };
        return texts;
    }

    private static bool IsEmpty(JsonElement value) =>
        value.ValueKind == JsonValueKind.Array ? value.GetArrayLength() == 0 : value.ValueKind == JsonValueKind.String && value.ValueEquals("");

    private async Task PreloadAsync(string? engine, string model)
    {
        try
        {
            using var lease = await runtime.AcquireAsync(engine, new ModelReference(model), null, CancellationToken.None);
        }
#pragma warning disable CA1031 // Nobody waits for it: the next request meets the same failure and tells it.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.PreloadFailed(logger, exception, model);
        }
    }
}
