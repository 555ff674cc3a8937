using FastEndpoints;
using ModelRunner.Runtime;
using ModelRunner.Wire.Dmr;

namespace ModelRunner.Server.Endpoints.Engines;

/// <summary>The bytes on disk.</summary>
internal sealed class DiskUsageEndpoint(ModelRuntime runtime) : EndpointWithoutRequest
{
    public override void Configure()
    {
        Get("/engines/df");
        AllowAnonymous();
        Description(route => route.WithSummary("Bytes of the models and of the server on disk"));
    }

    public override Task HandleAsync(CancellationToken cancellationToken)
    {
        var models = runtime.Catalog.List().Sum(bundle => bundle.SizeInBytes);
        var server = new DirectoryInfo(AppContext.BaseDirectory)
            .EnumerateFiles("*", new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true })
            .Sum(file => file.Length);
        return HttpContext.Response.WriteAsJsonAsync(
            new DiskUsage(models, server), DmrJson.Default.DiskUsage, cancellationToken: cancellationToken);
    }
}
