using ModelRunner.Abstractions.Engines;
using ModelRunner.Abstractions.Errors;

namespace ModelRunner.Abstractions.Tokens;

/// <summary>The lower seam's entry: how a local engine opens a model. Thread-safe.</summary>
public interface ITokenModelLoader
{
    /// <summary>The one format that it loads.</summary>
    ModelFormat Format { get; }

    /// <summary>Availability of the native library. Immutable once read; never throws.</summary>
    EngineStatus Status { get; }

    /// <summary>An upper bound of a load's memory, from headers only.</summary>
    /// <exception cref="ModelLoadException">The header cannot be read.</exception>
    MemoryEstimate Estimate(ModelBundle bundle, ModelLoadOptions options);

    /// <summary>
    /// Loads weights and vocabulary. Blocks for seconds: never called on a request's thread. The caller owns the
    /// result.
    /// </summary>
    /// <exception cref="EngineUnavailableException">The native library is missing or another release.</exception>
    /// <exception cref="ModelLoadException">The files are broken or not supported.</exception>
    /// <exception cref="InsufficientMemoryException">Too little memory.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; nothing stays allocated.</exception>
    ITokenModel Load(
        ModelBundle bundle,
        ModelLoadOptions options,
        IProgress<float>? progress,
        CancellationToken cancellationToken);
}
