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
    CallReader calls,
    SseSender sender,
    TimeProvider time) : EndpointWithoutRequest
{
    public override void Configure()
    {
        Post(ApiPaths.Of("completions"));
        AllowAnonymous();
        Description(route => route.WithSummary("The continuation of prompts, whole or as a stream").WithMetadata(FieldTable.Completion));
    }

    public override async Task HandleAsync(CancellationToken cancellationToken)
    {
        var call = await calls.ReadAsync<CompletionCall>(HttpContext, FieldTable.Completion, CompletionCallMapper.Map, cancellationToken);
        using var lease = await runtime.AcquireAsync(
            ApiPaths.GetEngine(HttpContext), new ModelReference(call.Target.ModelName), call.Target.KeepAlive, cancellationToken);
        if (lease.Model is not ICompletionModel model)
            throw new InvalidRequestException($"The model '{call.Target.ModelName}' does not continue text.", "model");

        var identity = AnswerIdentity.Create("cmpl-", call.Target.ModelName, time);
        if (call.IsStreaming)
        {
            await sender.RunAsync(
                HttpContext,
                stop => PromptSeries.CompleteAsync(model, call, stop),
                new CompletionChunkWriter(identity, call.Requests.Count * call.ChoiceCount, call.IncludeUsage));
            return;
        }

        var answer = await PromptSeries.CollectAsync(model, call, identity, cancellationToken);
        await HttpContext.Response.WriteAsJsonAsync(
            answer, OpenAiJson.Relaxed.TextCompletion, cancellationToken: cancellationToken);
    }
}
