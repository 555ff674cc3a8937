using ModelRunner.Abstractions.Engines;
using ModelRunner.Abstractions.Errors;
using ModelRunner.Runtime;
using ModelRunner.Server.Endpoints;
using ModelRunner.Server.Requests;

namespace ModelRunner.Server.Models;

/// <summary>A call with <c>X-Preload-Only: true</c> loads its model and computes nothing, as Docker Model Runner has it.</summary>
internal sealed class PreloadMiddleware(RequestDelegate next, ModelRuntime runtime)
{
    public async Task InvokeAsync(HttpContext context)
    {
        if (context.Request.Headers["X-Preload-Only"] != "true" || !ApiPaths.IsModelCall(context.Request)
            || context.Features.Get<RequestPlace>() is not { } place)
        {
            await next(context);
            return;
        }

        string model;
        using (var body = await RequestBody.ReadAsync(context.Request, place, context.RequestAborted))
            model = body.Reader.Text("model", Bounds.MaxNameLength) is { Length: > 0 } text ? text
                : throw new InvalidRequestException("'model' must name a model.", "model");

        // /engines/{engine}/v1/..., /engines/v1/... or /v1/...
        var engine = context.Request.Path.Value!.Split('/') is [_, "engines", var name and not "v1", ..] ? name : null;
        using var lease = await runtime.AcquireAsync(engine, new ModelReference(model), keepAlive: null, context.RequestAborted);
        context.Response.StatusCode = StatusCodes.Status200OK;
    }
}
