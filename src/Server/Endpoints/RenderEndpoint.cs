using FastEndpoints;
using ModelRunner.Abstractions.Engines;
using ModelRunner.Abstractions.Errors;
using ModelRunner.Runtime;
using ModelRunner.Server.Requests;
using ModelRunner.Wire.OpenAi;

namespace ModelRunner.Server.Endpoints;

/// <summary>Shows the prompt that a chat request becomes, without generating.</summary>
internal sealed class RenderEndpoint(ModelRuntime runtime, CallReader calls) : EndpointWithoutRequest
{
    public override void Configure()
    {
        Post(ApiPaths.Of("chat/completions/render"));
        AllowAnonymous();
        Description(route => route.WithSummary("The prompt and its tokens for a conversation").WithMetadata(FieldTable.Chat));
    }

    public override async Task HandleAsync(CancellationToken cancellationToken)
    {
        var call = await calls.ReadAsync<ChatCall>(HttpContext, FieldTable.Chat, ChatCallMapper.Map, cancellationToken);
        using var lease = await runtime.AcquireAsync(
            ApiPaths.GetEngine(HttpContext), new ModelReference(call.Target.ModelName), call.Target.KeepAlive, cancellationToken);
        if (lease.Model is not ITokenizeModel model)
            throw new InvalidRequestException($"The model '{call.Target.ModelName}' has no prompts to show.", "model");

        var prompt = model.Render(call.Request);
        await HttpContext.Response.WriteAsJsonAsync(
            new RenderAnswer(prompt.Text, prompt.Tokens, prompt.Tokens.Length), OpenAiJson.Relaxed.RenderAnswer, cancellationToken: cancellationToken);
    }
}
