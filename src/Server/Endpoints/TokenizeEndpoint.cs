using FastEndpoints;
using ModelRunner.Abstractions.Engines;
using ModelRunner.Abstractions.Errors;
using ModelRunner.Runtime;
using ModelRunner.Server.Requests;
using ModelRunner.Wire.OpenAi;

namespace ModelRunner.Server.Endpoints;

/// <summary>The tokens of a text.</summary>
internal sealed class TokenizeEndpoint(ModelRuntime runtime, CallReader calls) : EndpointWithoutRequest
{
    public override void Configure()
    {
        Post(ApiPaths.Of("tokenize"));
        AllowAnonymous();
        Description(route => route.WithSummary("The tokens of a text").WithMetadata(FieldTable.Tokenize));
    }

    public override async Task HandleAsync(CancellationToken cancellationToken)
    {
        var call = await calls.ReadAsync<TokenizeCall>(HttpContext, FieldTable.Tokenize, TokenizeCallMapper.Map, cancellationToken);
        using var lease = await runtime.AcquireAsync(
            ApiPaths.GetEngine(HttpContext), new ModelReference(call.Target.ModelName), call.Target.KeepAlive, cancellationToken);
        if (lease.Model is not ITokenizeModel model)
            throw new InvalidRequestException($"The model '{call.Target.ModelName}' does not tokenize.", "model");

        var tokens = model.Tokenize(call.Text, call.AddSpecial, call.ParseSpecial);
        await HttpContext.Response.WriteAsJsonAsync(
            new TokenizeAnswer(tokens, tokens.Length), OpenAiJson.Relaxed.TokenizeAnswer, cancellationToken: cancellationToken);
    }
}
