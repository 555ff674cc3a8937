using FastEndpoints;
using ModelRunner.Abstractions.Engines;
using ModelRunner.Abstractions.Errors;
using ModelRunner.Runtime;
using ModelRunner.Server.Requests;
using ModelRunner.Wire.OpenAi;

namespace ModelRunner.Server.Endpoints;

/// <summary>The text of tokens.</summary>
internal sealed class DetokenizeEndpoint(ModelRuntime runtime, CallReader calls) : EndpointWithoutRequest
{
    public override void Configure()
    {
        Post(ApiPaths.Of("detokenize"));
        AllowAnonymous();
        Description(route => route.WithSummary("The text of tokens").WithMetadata(FieldTable.Detokenize));
    }

    public override async Task HandleAsync(CancellationToken cancellationToken)
    {
        var call = await calls.ReadAsync<DetokenizeCall>(HttpContext, FieldTable.Detokenize, TokenizeCallMapper.MapDetokenize, cancellationToken);
        using var lease = await runtime.AcquireAsync(
            ApiPaths.GetEngine(HttpContext), new ModelReference(call.Target.ModelName), call.Target.KeepAlive, cancellationToken);
        if (lease.Model is not ITokenizeModel model)
            throw new InvalidRequestException($"The model '{call.Target.ModelName}' does not tokenize.", "model");

        await HttpContext.Response.WriteAsJsonAsync(
            new DetokenizeAnswer(model.Detokenize(call.Tokens)), OpenAiJson.Relaxed.DetokenizeAnswer, cancellationToken: cancellationToken);
    }
}
