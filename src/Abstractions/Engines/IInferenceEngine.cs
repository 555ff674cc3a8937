using ModelRunner.Abstractions.Errors;

namespace ModelRunner.Abstractions.Engines;

/// <summary>
/// The upper seam: an engine as the server sees it. It speaks in messages, so that an engine which only forwards
/// to another server can implement it as well. Thread-safe.
/// </summary>
public interface IInferenceEngine
{
    /// <summary>The path segment: lower case, URL-safe, stable, unique in the registry.</summary>
    string Name { get; }

    /// <summary>Availability, version and devices. Immutable once read; never throws, does no I/O after the first call.</summary>
    EngineStatus Status { get; }

    /// <summary>
    /// Whether this engine serves the bundle's format and architecture. Pure: reads no weights and loads nothing.
    /// Decides which engine serves a path that names none.
    /// </summary>
    bool CanServe(ModelBundle bundle);

    /// <summary>An upper bound of the memory that a load will take. Reads headers only.</summary>
    /// <exception cref="ModelLoadException">The header cannot be read.</exception>
    MemoryEstimate EstimateMemory(ModelBundle bundle, ModelLoadOptions options);

    /// <summary>Loads the model. The caller owns the result and disposes it.</summary>
    /// <param name="bundle">The files.</param>
    /// <param name="options">Settings of this load.</param>
    /// <param name="progress">Receives fractions in [0, 1], from any thread; null when nobody listens.</param>
    /// <param name="cancellationToken">Ends the load early; nothing stays allocated.</param>
    /// <exception cref="ModelLoadException">The files are broken or not supported; the message names what.</exception>
    /// <exception cref="InsufficientMemoryException">The machine has too little memory; nothing stays allocated.</exception>
    Task<IEngineModel> LoadAsync(
        ModelBundle bundle,
        ModelLoadOptions options,
        IProgress<float>? progress,
        CancellationToken cancellationToken);
}
