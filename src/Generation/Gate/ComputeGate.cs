namespace ModelRunner.Generation.Gate;

/// <summary>
/// Lets the loops of all models on one CPU take turns: decode steps, prefill chunks, embeddings and trial loads never
/// overlap, because both native libraries spin on every core. Fair by time: the user that has had the least compute
/// time goes next, or goes on. The only place where two loops meet.
/// </summary>
public sealed class ComputeGate(TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly List<GateUser> _waiting = [];
    private GateUser? _holder;
    private TimeSpan _servedUpTo;

    /// <summary>Adds a user, for example one model's loop. An idle user costs nothing.</summary>
    public GateUser CreateUser(string name) => new(this, name);

    /// <summary>The user whose turn it is, for a status page; null when nobody computes.</summary>
    public string? HolderName => _holder?.Name;

    /// <summary>Users that wait for their turn.</summary>
    public int WaitingCount
    {
        get
        {
            lock (_lock)
                return _waiting.Count;
        }
    }

    internal bool Enter(GateUser user)
    {
        lock (_lock)
        {
            if (user.IsComputing)
                throw new InvalidOperationException($"{user.Name} enters a gate that it has not left.");

            if (user.IsDisposed)
                return false;

            // Idling earns no credit: who comes back starts level with the turn that was given last.
            if (user.Served < _servedUpTo)
                user.Served = _servedUpTo;

            if (_holder is null || _holder == user)
            {
                Hand(user);
                return true;
            }

            _waiting.Add(user);
        }

        user.Turn.Wait();
        return user.IsComputing;
    }

    /// <summary>
    /// The one who leaves is never waiting at that moment. So a user with short steps would always find the gate handed
    /// to one with long steps: it keeps the turn over its next steps, until it has had as much time.
    /// </summary>
    internal void Yield(GateUser user)
    {
        lock (_lock)
        {
            Charge(user);
            if (FindNext() is { } next && next.Served < user.Served)
                Pass();
        }
    }

    internal void Exit(GateUser user)
    {
        lock (_lock)
        {
            Charge(user);
            Pass();
        }
    }

    internal void Leave(GateUser user)
    {
        lock (_lock)
            if (_holder == user && !user.IsComputing)
                Pass();
    }

    internal void Dispose(GateUser user)
    {
        lock (_lock)
        {
            user.IsDisposed = true;
            if (_waiting.Remove(user))
                user.Turn.Release();
            else if (_holder == user && !user.IsComputing)
                Pass();
        }
    }

    private void Charge(GateUser user)
    {
        if (!user.IsComputing)
            throw new InvalidOperationException($"{user.Name} leaves a gate that it does not hold.");

        user.Served += time.GetElapsedTime(user.EnteredAt);
        user.IsComputing = false;
    }

    private GateUser? FindNext()
    {
        GateUser? next = null;
        foreach (var candidate in _waiting)
            if (next is null || candidate.Served < next.Served)
                next = candidate;

        return next;
    }

    private void Pass()
    {
        _holder = null;
        if (FindNext() is not { } next)
            return;

        _waiting.Remove(next);
        Hand(next);
        next.Turn.Release();
    }

    private void Hand(GateUser user)
    {
        _holder = user;
        _servedUpTo = user.Served;
        user.EnteredAt = time.GetTimestamp();
        user.IsComputing = true;
    }
}
