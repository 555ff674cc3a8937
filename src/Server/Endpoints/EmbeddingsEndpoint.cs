using ModelRunner.Abstractions.Engines;
using ModelRunner.Abstractions.Errors;
using ModelRunner.Abstractions.Requests;
using ModelRunner.Runtime;
using ModelRunner.Server.Metrics;
using ModelRunner.Server.Requests;
using ModelRunner.Wire.OpenAi;

namespace ModelRunner.Server.Endpoints;

/// <summary>Turns inputs into vectors.</summary>
internal sealed class EmbeddingsEndpoint(ModelRuntime runtime, CallReader calls, ServerMetrics metrics)
    : ModelCallEndpoint<EmbeddingCall, IEmbeddingModel>(runtime, calls)
{
    protected override string Path => "embeddings";

    protected override string Purpose => "The vectors of texts";

    protected override FieldTable Fields => FieldTable.Embedding;

    protected override string Inability => "does not embed";

    protected override EmbeddingCall Map(in RequestReader request) => EmbeddingCallMapper.Map(request);

    protected override async Task AnswerAsync(EmbeddingCall call, IEmbeddingModel model, ModelInfo info, CancellationToken cancellationToken)
    {
        if (info.EmbeddingLength is > 0 and var length && call.Request.Dimensions > length)
            throw new InvalidRequestException($"'dimensions' must be at most {length}, the length of the model's vectors.", "dimensions");

        var result = await model.EmbedAsync(call.Request, cancellationToken);
        metrics.CountTokens(info.Name, result.TokenCount, completionTokenCount: 0);
        await HttpContext.Response.WriteAsJsonAsync(
            ToWire(result, call), OpenAiJson.Relaxed.EmbeddingList, cancellationToken: cancellationToken);
    }

    private static EmbeddingList ToWire(EmbeddingResult result, EmbeddingCall call) => new(
        "list",
        [.. result.Vectors.Select((vector, index) =>
            new EmbeddingObject("embedding", index, new EmbeddingVector(vector, call.IsBase64)))],
        call.Target.ModelName,
        new EmbeddingUsage(result.TokenCount, result.TokenCount));
}
