using ModelRunner.Abstractions.Engines;

namespace ModelRunner.Runtime;

/// <summary>A loaded or loading model, as it was when it was asked for.</summary>
/// <param name="EngineName">The engine that runs it.</param>
/// <param name="ModelName">The catalog's name.</param>
/// <param name="IsLoading">Whether its load has not ended.</param>
/// <param name="Progress">How much of it is loaded, in [0, 1].</param>
/// <param name="UserCount">Leases, and requests that wait for the load.</param>
/// <param name="LastUsed">When the last user left, or the model was loaded.</param>
/// <param name="KeepAlive">How long it stays after that; <see cref="Timeout.InfiniteTimeSpan"/> for ever.</param>
/// <param name="SizeInBytes">The estimate that the memory budget is charged with.</param>
/// <param name="ContextLength">Tokens that a sequence may have; 0 when not known.</param>
/// <param name="IsGenerative">False for an encoder that only embeds.</param>
/// <param name="IsHealthy">False when it makes no progress.</param>
/// <param name="Activity">What it has to do.</param>
public sealed record ResidentSnapshot(
    string EngineName,
    string ModelName,
    bool IsLoading,
    float Progress,
    int UserCount,
    DateTimeOffset LastUsed,
    TimeSpan KeepAlive,
    long SizeInBytes,
    int ContextLength,
    bool IsGenerative,
    bool IsHealthy,
    ModelActivity Activity);
