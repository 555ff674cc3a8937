namespace ModelRunner.Generation.Gate;

/// <summary>One loop at the <see cref="ComputeGate"/>. Belongs to that loop's thread.</summary>
public sealed class GateUser : IDisposable
{
    private readonly ComputeGate _gate;

    internal GateUser(ComputeGate gate, string name)
    {
        _gate = gate;
        Name = name;
    }

    /// <summary>For a status page.</summary>
    public string Name { get; }

    // Written by the gate, under its lock.
    internal TimeSpan Served;
    internal long EnteredAt;
    internal readonly SemaphoreSlim Turn = new(0);

    /// <summary>Only when no turn is held or awaited.</summary>
    public void Dispose() => Turn.Dispose();

    /// <summary>Waits for the turn. Not reentrant.</summary>
    public void Enter() => _gate.Enter(this);

    /// <summary>Ends the turn, and hands it to the next.</summary>
    /// <exception cref="InvalidOperationException">The user has no turn.</exception>
    public void Exit() => _gate.Exit(this);
}
