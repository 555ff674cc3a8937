namespace ModelRunner.Wire.Dmr;

/// <summary>The answer to <c>POST /models/gc</c>.</summary>
/// <param name="FreedBytes">Bytes of the files that went.</param>
public sealed record CollectResult(long FreedBytes);
