using FastEndpoints;
using ModelRunner.Abstractions.Engines;
using ModelRunner.Abstractions.Errors;
using ModelRunner.Abstractions.Requests;
using ModelRunner.Runtime;
using ModelRunner.Server.Requests;
using ModelRunner.Wire.OpenAi;

namespace ModelRunner.Server.Endpoints;

/// <summary>Turns inputs into vectors.</summary>
internal sealed class EmbeddingsEndpoint(ModelRuntime runtime, CallReader calls) : EndpointWithoutRequest
{
    public override void Configure()
    {
        Post(ApiPaths.Of("embeddings"));
        AllowAnonymous();
        Description(route => route.WithSummary("The vectors of texts").WithMetadata(FieldTable.Embedding));
    }

    public override async Task HandleAsync(CancellationToken cancellationToken)
    {
        var call = await calls.ReadAsync<EmbeddingCall>(
            HttpContext, FieldTable.Embedding, EmbeddingCallMapper.Map, cancellationToken);
        using var lease = await runtime.AcquireAsync(
            ApiPaths.GetEngine(HttpContext), new ModelReference(call.Target.ModelName), call.Target.KeepAlive, cancellationToken);
        if (lease.Model is not IEmbeddingModel model)
            throw new InvalidRequestException($"The model '{call.Target.ModelName}' does not embed.", "model");
        if (lease.Model.Info.EmbeddingLength is > 0 and var length && call.Request.Dimensions > length)
            throw new InvalidRequestException($"'dimensions' must be at most {length}, the length of the model's vectors.", "dimensions");

        var result = await model.EmbedAsync(call.Request, cancellationToken);
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
