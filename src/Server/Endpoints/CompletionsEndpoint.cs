using FastEndpoints;
using ModelRunner.Abstractions.Engines;
using ModelRunner.Abstractions.Errors;
using ModelRunner.Runtime;
using ModelRunner.Server.Answers;
using ModelRunner.Server.Requests;
using ModelRunner.Server.Streaming;
using ModelRunner.Wire.OpenAi;

namespace ModelRunner.Server.Endpoints;

/// <summary>Continues prompts, whole or as a stream.</summary>
internal sealed class CompletionsEndpoint(
    ModelRuntime runtime,
    TimeProvider time,
    ILogger<CompletionsEndpoint> logger) : EndpointWithoutRequest
{
    public override void Configure()
    {
        Post(ApiPaths.Of("completions"));
        AllowAnonymous();
    }

    public override async Task HandleAsync(CancellationToken cancellationToken)
    {
        CompletionCall call;
        using (var body = await RequestBody.ReadAsync(HttpContext.Request, cancellationToken))
            call = CompletionCallMapper.Map(body.Reader);
        using var lease = await runtime.AcquireAsync(
            ApiPaths.GetEngine(HttpContext), new ModelReference(call.ModelName), cancellationToken);
        if (lease.Model is not ICompletionModel model)
            throw new InvalidRequestException($"The model '{call.ModelName}' does not continue text.", "model");

        var identity = AnswerIdentity.Create("cmpl-", call.ModelName, time);
        if (call.IsStreaming)
        {
            await SseStream.RunAsync(
                HttpContext,
                stop => PromptSeries.CompleteAsync(model, call, stop),
                new CompletionChunkWriter(identity, call.Requests.Count * call.ChoiceCount, call.IncludeUsage),
                logger);
            return;
        }

        var answer = await PromptSeries.CollectAsync(model, call, identity, cancellationToken);
        await HttpContext.Response.WriteAsJsonAsync(
            answer, OpenAiJson.Relaxed.TextCompletion, cancellationToken: cancellationToken);
    }
}
