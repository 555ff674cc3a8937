namespace ModelRunner.Abstractions.Engines;

/// <summary>Whether an engine can be used on this machine, and why not. Immutable.</summary>
/// <param name="IsAvailable">True when models can be loaded.</param>
/// <param name="Version">Version of the native library, empty when unavailable.</param>
/// <param name="Devices">Names of the compute devices, the CPU included.</param>
/// <param name="Reason">Why it is unavailable and what mends it; null when available.</param>
public sealed record EngineStatus(bool IsAvailable, string Version, IReadOnlyList<string> Devices, string? Reason);
