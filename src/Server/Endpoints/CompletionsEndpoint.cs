using ModelRunner.Abstractions.Engines;
using ModelRunner.Runtime;
using ModelRunner.Server.Answers;
using ModelRunner.Server.Metrics;
using ModelRunner.Server.Requests;
using ModelRunner.Server.Streaming;
using ModelRunner.Wire.OpenAi;

namespace ModelRunner.Server.Endpoints;

/// <summary>Continues prompts, whole or as a stream.</summary>
internal sealed class CompletionsEndpoint(ModelRuntime runtime, CallReader calls, SseSender sender, ServerMetrics metrics, TimeProvider time)
    : ModelCallEndpoint<CompletionCall, ICompletionModel>(runtime, calls)
{
    protected override string Path => "completions";

    protected override string Purpose => "The continuation of prompts, whole or as a stream";

    protected override FieldTable Fields => FieldTable.Completion;

    protected override string Inability => "does not continue text";

    protected override CompletionCall Map(in RequestReader request) => CompletionCallMapper.Map(request);

    protected override async Task AnswerAsync(CompletionCall call, ICompletionModel model, ModelInfo info, CancellationToken cancellationToken)
    {
        var identity = AnswerIdentity.Create("cmpl-", call.Target.ModelName, time);
        if (call.IsStreaming)
        {
            var chunks = new CompletionChunkWriter(identity, call.Requests.Count * call.ChoiceCount, call.IncludeUsage);
            await sender.RunAsync(HttpContext, stop => PromptSeries.CompleteAsync(model, call, stop), chunks);
            metrics.CountTokens(info.Name, chunks.Usage);
            return;
        }

        var answer = await PromptSeries.CollectAsync(model, call, identity, cancellationToken);
        if (answer.Usage is { } usage) metrics.CountTokens(info.Name, usage.PromptTokens, usage.CompletionTokens);
        await HttpContext.Response.WriteAsJsonAsync(
            answer, OpenAiJson.Relaxed.TextCompletion, cancellationToken: cancellationToken);
    }
}
