namespace ModelRunner.Wire.Dmr;

/// <summary>How many models <c>POST /engines/unload</c> unloaded.</summary>
public sealed record UnloadResult(int UnloadedRunners);
