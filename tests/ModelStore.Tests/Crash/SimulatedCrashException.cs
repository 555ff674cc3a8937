namespace ModelRunner.ModelStore.Tests.Crash;

/// <summary>The machine went down.</summary>
public sealed class SimulatedCrashException() : Exception("The machine went down.");
