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
    TimeProvider time,
    ILogger<ChatCompletionsEndpoint> logger) : EndpointWithoutRequest
{
    public override void Configure()
    {
        Post(ApiPaths.Of("chat/completions"));
        AllowAnonymous();
    }

    public override async Task HandleAsync(CancellationToken cancellationToken)
    {
        ChatCall call;
        using (var body = await RequestBody.ReadAsync(HttpContext.Request, cancellationToken))
            call = ChatCallMapper.Map(body.Reader);
        using var lease = await runtime.AcquireAsync(
            ApiPaths.GetEngine(HttpContext), new ModelReference(call.ModelName), cancellationToken);
        if (lease.Model is not IChatModel model)
            throw new InvalidRequestException($"The model '{call.ModelName}' does not answer chat requests.", "model");

        var identity = AnswerIdentity.Create("chatcmpl-", call.ModelName, time);
        if (call.IsStreaming)
        {
            await SseStream.RunAsync(
                HttpContext,
                stop => model.ChatAsync(call.Request, stop),
                new ChatChunkWriter(identity, call.Request.ChoiceCount, call.IncludeUsage),
                logger);
            return;
        }

        using var collector = new ChatCollector(call.Request.ChoiceCount);
        var answer = await collector.CollectAsync(
            model.ChatAsync(call.Request, cancellationToken), identity, cancellationToken);
        await HttpContext.Response.WriteAsJsonAsync(
            answer, OpenAiJson.Relaxed.ChatCompletion, cancellationToken: cancellationToken);
    }
}
