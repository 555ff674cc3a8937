using FastEndpoints;
using ModelRunner.Abstractions.Errors;
using ModelRunner.Server.Models;
using ModelRunner.Server.Requests;

namespace ModelRunner.Server.Endpoints.Models;

/// <summary>Pulls a model.</summary>
internal sealed class CreateModelEndpoint(PullHub pulls, RequestBudget budget, TimeProvider time) : EndpointWithoutRequest
{
    public override void Configure()
    {
        Post("/models/create");
        AllowAnonymous();
        Description(route => route.WithSummary("Pulls a model from a registry or from Hugging Face; answers with lines of progress"));
    }

    public override async Task HandleAsync(CancellationToken cancellationToken)
    {
        string name;
        string? token;
        using (var place = budget.Enter())
        using (var body = await RequestBody.ReadAsync(HttpContext.Request, place, cancellationToken))
        {
            name = body.Reader.Text("from", Bounds.MaxNameLength) is { Length: > 0 } from ? from.Trim()
                : throw new InvalidRequestException("'from' must name a model.", "from");
            token = body.Reader.Text("bearer-token", Bounds.MaxTokenLength);
        }

        var lines = new ProgressLines(HttpContext, "pull", time);
        await lines.RunAsync(async () =>
        {
            var (model, hasDownloaded) = await pulls.PullAsync(name, token, lines, HttpContext.RequestAborted);
            return hasDownloaded ? "Model pulled successfully" : $"Using cached model: {model.Config.Size}";
        });
    }
}
