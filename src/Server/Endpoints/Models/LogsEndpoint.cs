using System.Text;
using FastEndpoints;
using ModelRunner.Server.Models;

namespace ModelRunner.Server.Endpoints.Models;

/// <summary>The log as text, once or for as long as the client stays.</summary>
internal sealed class LogsEndpoint(LogBuffer log, IHostApplicationLifetime lifetime) : EndpointWithoutRequest
{
    public override void Configure()
    {
        Get("/logs");
        AllowAnonymous();
        Description(route => route.WithSummary("The last lines of the log; with ?follow=true those to come as well"));
    }

    public override async Task HandleAsync(CancellationToken cancellationToken)
    {
        var response = HttpContext.Response;
        response.ContentType = "text/plain; charset=utf-8";
        if (!ModelNameRoute.HasFlag(HttpContext, "follow"))
        {
            foreach (var line in log.GetLines()) await WriteAsync(line);
            return;
        }

        // Who follows a log that says nothing yet must not wait for the headers.
        await response.StartAsync(cancellationToken);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.ApplicationStopping);
        try
        {
            await foreach (var line in log.FollowAsync(stop.Token))
            {
                await WriteAsync(line);
                await response.Body.FlushAsync(cancellationToken);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The server stops.
        }

        async Task WriteAsync(string line) => await response.Body.WriteAsync(Encoding.UTF8.GetBytes(line + "\n"), cancellationToken);
    }
}
