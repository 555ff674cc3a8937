using ModelRunner.Abstractions.Engines;
using ModelRunner.Runtime;
using ModelRunner.Server.Answers;
using ModelRunner.Server.Metrics;
using ModelRunner.Server.Requests;
using ModelRunner.Server.Streaming;
using ModelRunner.Wire.OpenAi;

namespace ModelRunner.Server.Endpoints;

/// <summary>Answers a conversation, whole or as a stream.</summary>
internal sealed class ChatCompletionsEndpoint(ModelRuntime runtime, CallReader calls, SseSender sender, ServerMetrics metrics, TimeProvider time)
    : ModelCallEndpoint<ChatCall, IChatModel>(runtime, calls)
{
    protected override string Path => "chat/completions";

    protected override string Purpose => "The next message of a conversation, whole or as a stream";

    protected override FieldTable Fields => FieldTable.Chat;

    protected override string Inability => "does not answer chat requests";

    protected override ChatCall Map(in RequestReader request) => ChatCallMapper.Map(request);

    protected override async Task AnswerAsync(ChatCall call, IChatModel model, ModelInfo info, CancellationToken cancellationToken)
    {
        var identity = AnswerIdentity.Create("chatcmpl-", call.Target.ModelName, time);
        if (call.IsStreaming)
        {
            var chunks = new ChatChunkWriter(identity, call.Request.ChoiceCount, call.IncludeUsage);
            await sender.RunAsync(HttpContext, stop => model.ChatAsync(call.Request, stop), chunks);
            metrics.CountTokens(info.Name, chunks.Usage);
            return;
        }

        using var collector = new ChatCollector(call.Request.ChoiceCount);
        var answer = await collector.CollectAsync(
            model.ChatAsync(call.Request, cancellationToken), identity, cancellationToken);
        metrics.CountTokens(info.Name, collector.Usage);
        await HttpContext.Response.WriteAsJsonAsync(
            answer, OpenAiJson.Relaxed.ChatCompletion, cancellationToken: cancellationToken);
    }
}
