using ModelRunner.Abstractions.Engines;
using ModelRunner.Abstractions.Requests;
using ModelRunner.Abstractions.Tokens;
using ModelRunner.Generation.Gate;

namespace ModelRunner.Generation.Engine;

/// <summary>An encoder: it embeds, and generates nothing.</summary>
internal sealed class LocalEmbeddingModel(ITokenModel model, ComputeGate gate) : IEngineModel, IEmbeddingModel
{
    private readonly EmbeddingQueue _queue = new(model, gate);

    /// <inheritdoc/>
    public ModelInfo Info => model.Info;

    /// <inheritdoc/>
    public bool IsHealthy => _queue.IsHealthy;

    /// <inheritdoc/>
    public bool IsStalled => _queue.IsStalled;

    /// <inheritdoc/>
    public Task<EmbeddingResult> EmbedAsync(EmbeddingRequest request, CancellationToken cancellationToken) =>
        _queue.EmbedAsync(request, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _queue.DisposeAsync();
        model.Dispose();
    }
}
