using ModelRunner.Abstractions.Engines;

namespace ModelRunner.Runtime;

/// <summary>How one model is loaded and kept.</summary>
/// <param name="Load">The settings of the load.</param>
/// <param name="KeepAlive">
/// How long it stays after its last use; <see cref="Timeout.InfiniteTimeSpan"/> for ever, zero not at all.
/// </param>
public sealed record ModelSettings(ModelLoadOptions Load, TimeSpan KeepAlive)
{
    /// <value>The defaults of every model: the engine's choices, and 5 minutes.</value>
    public static ModelSettings Default { get; } = new(ModelLoadOptions.Default, TimeSpan.FromMinutes(5));
}
