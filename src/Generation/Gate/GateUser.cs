namespace ModelRunner.Generation.Gate;

/// <summary>One loop at the <see cref="ComputeGate"/>. Belongs to that loop's thread, except for its disposal.</summary>
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
    internal bool IsComputing;
    internal bool IsDisposed;

    // Without a wait handle it holds nothing that has to be disposed.
    internal readonly SemaphoreSlim Turn = new(0);

    /// <summary>
    /// Any thread: an <see cref="Enter"/> that waits, and every later one, returns false. A turn that computes goes on
    /// to its end.
    /// </summary>
    public void Dispose() => _gate.Dispose(this);

    /// <summary>Waits for the turn; at once after a <see cref="Yield"/> that kept it.</summary>
    /// <returns>False when the user was disposed: there is no turn, and none to end.</returns>
    /// <exception cref="InvalidOperationException">The user computes already.</exception>
    public bool Enter() => _gate.Enter(this);

    /// <summary>
    /// Ends a step after which the user enters again at once: it keeps the turn unless one that waits has had less time.
    /// Who does not enter again must <see cref="Leave"/>.
    /// </summary>
    /// <exception cref="InvalidOperationException">The user has no turn.</exception>
    public void Yield() => _gate.Yield(this);

    /// <summary>Ends the turn, and hands it to the next.</summary>
    /// <exception cref="InvalidOperationException">The user has no turn.</exception>
    public void Exit() => _gate.Exit(this);

    /// <summary>Gives up what <see cref="Yield"/> kept, if it did.</summary>
    public void Leave() => _gate.Leave(this);
}
