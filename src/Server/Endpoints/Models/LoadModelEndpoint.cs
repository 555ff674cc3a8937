using FastEndpoints;
using ModelRunner.ModelStore;
using ModelRunner.Server.Models;
using ModelRunner.Server.Requests;
using ModelRunner.Abstractions.Errors;

namespace ModelRunner.Server.Endpoints.Models;

/// <summary>Takes a model in as a tar.</summary>
internal sealed class LoadModelEndpoint(ModelTransfers transfers, TimeProvider time) : EndpointWithoutRequest
{
    public override void Configure()
    {
        Post("/models/load");
        AllowAnonymous();
        Description(route => route.WithSummary("Takes a model in as a tar, and gives it the name of ?tag="));
    }

    public override async Task HandleAsync(CancellationToken cancellationToken)
    {
        var name = HttpContext.Request.Query["tag"].ToString();
        if (name.Length > Bounds.MaxNameLength) throw new InvalidRequestException("'tag' is too long.", "tag");
        if (HttpContext.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = null;
        var lines = new ProgressLines(HttpContext, "pull", time);
        await lines.RunAsync(async () =>
        {
            var model = await transfers.ImportAsync(HttpContext.Request.Body, name.Length > 0 ? name : null, lines, cancellationToken);
            return $"Loaded model: {model.Id}";
        });
    }
}
