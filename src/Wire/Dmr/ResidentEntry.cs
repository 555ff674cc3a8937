namespace ModelRunner.Wire.Dmr;

/// <summary>A model in memory, in the answer of <c>GET /engines/ps</c>. The last five are ours.</summary>
/// <param name="BackendName">The engine.</param>
/// <param name="ModelName">The name under which it is listed.</param>
/// <param name="Mode"><c>completion</c> or <c>embedding</c>.</param>
/// <param name="LastUsed">When its last user left.</param>
/// <param name="InUse">Whether it has users.</param>
/// <param name="Loading">Whether its load has not ended.</param>
/// <param name="KeepAlive">How long it stays idle, as Go writes times; <c>-1</c> for ever.</param>
/// <param name="Progress">How much of it is loaded, in [0, 1].</param>
/// <param name="MemoryBytes">What the memory budget is charged with.</param>
/// <param name="ContextLength">Tokens of a sequence.</param>
/// <param name="Healthy">False when it makes no progress.</param>
/// <param name="Users">Requests that it works at, that wait in its queue, or for its load.</param>
public sealed record ResidentEntry(
    string BackendName,
    string ModelName,
    string Mode,
    DateTimeOffset LastUsed,
    bool InUse,
    bool Loading,
    string KeepAlive,
    float Progress,
    long MemoryBytes,
    int ContextLength,
    bool Healthy,
    int Users);
