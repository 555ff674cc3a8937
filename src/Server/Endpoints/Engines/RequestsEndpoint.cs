using System.Text;
using System.Text.Json;
using FastEndpoints;
using ModelRunner.Abstractions.Errors;
using ModelRunner.Server.Models;
using ModelRunner.Server.Options;
using ModelRunner.Server.Recording;
using ModelRunner.Server.Security;
using ModelRunner.Wire.Dmr;

namespace ModelRunner.Server.Endpoints.Engines;

/// <summary>The last requests to each model with their answers, once or as events.</summary>
internal sealed class RequestsEndpoint(ServerOptions options, RequestJournal journal, IHostApplicationLifetime lifetime) : EndpointWithoutRequest
{
    public override void Configure()
    {
        Get("/engines/requests");
        AllowAnonymous();
        Description(route => route.WithSummary("The last requests with their answers; off unless the server was started with --record-requests"));
    }

    public override async Task HandleAsync(CancellationToken cancellationToken)
    {
        if (!options.RecordsRequests)
            throw new AccessDeniedException(
                AccessDeniedException.NotRecorded, "Requests are not recorded. Start the server with --record-requests and an API key.");

        var model = HttpContext.Request.Query["model"].ToString() is { Length: > 0 } name ? name : null;
        if (HttpContext.Request.Headers.Accept.ToString().Contains("text/event-stream", StringComparison.OrdinalIgnoreCase))
        {
            await StreamAsync(model, cancellationToken);
            return;
        }

        var found = journal.Get(model);
        if (model is not null && found.Length == 0) throw new ModelNotFoundException($"No request to '{model}' was recorded.");
        await HttpContext.Response.WriteAsJsonAsync(found, DmrJson.Default.RecordedModelArray, cancellationToken: cancellationToken);
    }

    private async Task StreamAsync(string? model, CancellationToken cancellationToken)
    {
        HttpContext.Response.ContentType = "text/event-stream";
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.ApplicationStopping);
        await WriteAsync("connected", """{"status":"connected"}""");
        if (ModelNameRoute.HasFlag(HttpContext, "include_existing"))
            foreach (var known in journal.Get(model))
                await WriteAsync("existing_request", Serialize(known));

        try
        {
            await foreach (var added in journal.FollowAsync(model, stop.Token)) await WriteAsync("new_request", Serialize(added));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The server stops.
        }

        static string Serialize(RecordedModel model) => JsonSerializer.Serialize([model], DmrJson.Default.RecordedModelArray);

        async Task WriteAsync(string name, string data)
        {
            await HttpContext.Response.Body.WriteAsync(Encoding.UTF8.GetBytes($"event: {name}\ndata: {data}\n\n"), cancellationToken);
            await HttpContext.Response.Body.FlushAsync(cancellationToken);
        }
    }
}
