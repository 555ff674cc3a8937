namespace ModelRunner.Abstractions.Engines;

/// <summary>
/// A loaded model. What it can do stands in the interfaces it also implements: <see cref="IChatModel"/>,
/// <see cref="ICompletionModel"/>, <see cref="IEmbeddingModel"/>, <see cref="IRerankModel"/>,
/// <see cref="ITokenizeModel"/>. Thread-safe. Disposing aborts the work in flight, which ends with an error, then
/// frees the memory.
/// </summary>
public interface IEngineModel : IAsyncDisposable
{
    /// <summary>Facts about the model.</summary>
    ModelInfo Info { get; }

    /// <summary>
    /// Whether the model makes progress: false when its loop has died or has had work without a step for longer
    /// than it should. Cheap; never blocks.
    /// </summary>
    bool IsHealthy { get; }

    /// <summary>
    /// Whether new requests should go elsewhere: it is not healthy, or seems to stall. The latter is soon known and may
    /// pass, so that nothing is given up for it. Cheap; never blocks.
    /// </summary>
    bool IsStalled => !IsHealthy;

    /// <summary>What it has to do; nothing where it does not count that. Cheap; never blocks.</summary>
    ModelActivity Activity => default;
}
