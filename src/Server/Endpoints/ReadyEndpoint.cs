using FastEndpoints;
using ModelRunner.Runtime;
using ModelRunner.Server.Composition;
using ModelRunner.Server.Errors;

namespace ModelRunner.Server.Endpoints;

/// <summary>Whether requests should come here: never OK over a model that makes no progress, nor while stopping.</summary>
internal sealed class ReadyEndpoint(ModelRuntime runtime, Drain drain) : EndpointWithoutRequest
{
    public override void Configure()
    {
        Verbs(Http.GET, Http.HEAD);
        Routes("/ready");
        AllowAnonymous();
        Description(route => route.WithSummary("200 when requests should come here, else 503"));
    }

    public override Task HandleAsync(CancellationToken cancellationToken)
    {
        if (drain.IsStopping) throw new ServerNotReadyException("The server is going down.");
        if (!runtime.Engines.All.Any(engine => engine.Status.IsAvailable))
            throw new ServerNotReadyException("No engine can run on this machine.");
        if (runtime.GetUnhealthy() is { Count: > 0 } unhealthy)
            throw new ServerNotReadyException($"No progress: {string.Join(", ", unhealthy)}.");
        HttpContext.Response.ContentType = "application/json; charset=utf-8";
        return HttpContext.Response.WriteAsync("{\"status\":\"ready\"}", cancellationToken);
    }
}
