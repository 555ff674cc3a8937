using FastEndpoints;
using ModelRunner.Abstractions.Errors;
using ModelRunner.ModelStore;
using ModelRunner.ModelStore.Content;
using ModelRunner.Server.Models;
using ModelRunner.Server.Requests;
using ModelRunner.Wire.Dmr;

namespace ModelRunner.Server.Endpoints.Models;

/// <summary>What is done with a model: the last segment of the path says it.</summary>
internal sealed class ModelActionEndpoint(ContentStore store, ModelTransfers transfers, RequestBudget budget, TimeProvider time) : EndpointWithoutRequest
{
    public override void Configure()
    {
        Post("/models/{*name}");
        AllowAnonymous();
        Description(route => route.WithSummary("Names a model anew (/tag?repo=&tag=), sends it to its registry (/push), or copies it with another context size (/repackage)"));
    }

    public override Task HandleAsync(CancellationToken cancellationToken)
    {
        var (name, action) = ModelNameRoute.GetNameAndAction(HttpContext);
        return (name, action) switch
        {
            ({ Length: > 0 }, "tag") => TagAsync(name, cancellationToken),
            ({ Length: > 0 }, "push") => PushAsync(name, cancellationToken),
            ({ Length: > 0 }, "repackage") => RepackageAsync(name, cancellationToken),
            _ => throw new ModelNotFoundException($"'{action}' is nothing that can be done with a model: there are tag, push and repackage."),
        };
    }

    private async Task TagAsync(string name, CancellationToken cancellationToken)
    {
        var (repository, tag) = (HttpContext.Request.Query["repo"].ToString(), HttpContext.Request.Query["tag"].ToString());
        if (repository.Length == 0 || tag.Length == 0) throw new InvalidRequestException("The query must have 'repo' and 'tag'.", repository.Length == 0 ? "repo" : "tag");
        var target = $"{repository}:{tag}";
        await store.TagAsync(name, target, cancellationToken);
        await AnswerAsync(new ActionResult($"Model tagged successfully with \"{target}\"", null, target), cancellationToken);
    }

    private async Task PushAsync(string name, CancellationToken cancellationToken)
    {
        string? token = null;
        if (HttpContext.Request.ContentLength is not (null or 0))
        {
            using var place = budget.Enter();
            using var body = await RequestBody.ReadAsync(HttpContext.Request, place, cancellationToken);
            token = body.Reader.Text("bearer-token", Bounds.MaxTokenLength);
        }

        var lines = new ProgressLines(HttpContext, "push", time);
        await lines.RunAsync(async () =>
        {
            await transfers.PushAsync(name, token, lines, cancellationToken);
            return "Model pushed successfully";
        });
    }

    private async Task RepackageAsync(string name, CancellationToken cancellationToken)
    {
        string target;
        int? contextSize;
        using (var place = budget.Enter())
        using (var body = await RequestBody.ReadAsync(HttpContext.Request, place, cancellationToken))
        {
            target = body.Reader.Text("target", Bounds.MaxNameLength) is { Length: > 0 } text ? text : throw new InvalidRequestException("'target' must be a name.", "target");
            contextSize = body.Reader.Integer("context_size", 1, int.MaxValue);
        }

        await transfers.RepackageAsync(name, target, contextSize, cancellationToken);
        await AnswerAsync(new ActionResult("Model repackaged successfully", name, target), cancellationToken);
    }

    private Task AnswerAsync(ActionResult result, CancellationToken cancellationToken)
    {
        HttpContext.Response.StatusCode = StatusCodes.Status201Created;
        return HttpContext.Response.WriteAsJsonAsync(result, DmrJson.Default.ActionResult, cancellationToken: cancellationToken);
    }
}
