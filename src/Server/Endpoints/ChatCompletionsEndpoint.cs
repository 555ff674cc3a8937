using FastEndpoints;
using ModelRunner.Abstractions.Engines;
using ModelRunner.Abstractions.Errors;
using ModelRunner.Runtime;
using ModelRunner.Server.Answers;
using ModelRunner.Server.Requests;
using ModelRunner.Server.Streaming;
using ModelRunner.Wire.OpenAi;

namespace ModelRunner.Server.Endpoints;

/// <summary>Answers a conversation, whole or as a stream.</summary>
internal sealed class ChatCompletionsEndpoint(
    ModelRuntime runtime,
    CallReader calls,
    SseSender sender,
    TimeProvider time) : EndpointWithoutRequest
{
    public override void Configure()
    {
        Post(ApiPaths.Of("chat/completions"));
        AllowAnonymous();
        Description(route => route.WithSummary("The next message of a conversation, whole or as a stream").WithMetadata(FieldTable.Chat));
    }

    public override async Task HandleAsync(CancellationToken cancellationToken)
    {
        var call = await calls.ReadAsync<ChatCall>(HttpContext, FieldTable.Chat, ChatCallMapper.Map, cancellationToken);
        using var lease = await runtime.AcquireAsync(
            ApiPaths.GetEngine(HttpContext), new ModelReference(call.Target.ModelName), call.Target.KeepAlive, cancellationToken);
        if (lease.Model is not IChatModel model)
            throw new InvalidRequestException($"The model '{call.Target.ModelName}' does not answer chat requests.", "model");

        var identity = AnswerIdentity.Create("chatcmpl-", call.Target.ModelName, time);
        if (call.IsStreaming)
        {
            await sender.RunAsync(
                HttpContext,
                stop => model.ChatAsync(call.Request, stop),
                new ChatChunkWriter(identity, call.Request.ChoiceCount, call.IncludeUsage));
            return;
        }

        using var collector = new ChatCollector(call.Request.ChoiceCount);
        var answer = await collector.CollectAsync(
            model.ChatAsync(call.Request, cancellationToken), identity, cancellationToken);
        await HttpContext.Response.WriteAsJsonAsync(
            answer, OpenAiJson.Relaxed.ChatCompletion, cancellationToken: cancellationToken);
    }
}
