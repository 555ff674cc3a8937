namespace ModelRunner.Generation.Gate;

/// <summary>
/// Lets the loops of all models on one CPU take turns: decode steps, prefill chunks, embeddings and trial loads never
/// overlap, because both native libraries spin on every core. Fair by time: the waiting user that has had the least
/// compute time goes next. The only place where two loops meet.
/// </summary>
public sealed class ComputeGate(TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly List<GateUser> _waiting = [];
    private GateUser? _holder;
    private TimeSpan _servedUpTo;

    /// <summary>Adds a user, for example one model's loop. It needs no removal: an idle user costs nothing.</summary>
    public GateUser CreateUser(string name) => new(this, name);

    /// <summary>The user whose turn it is, for a status page; null when nobody computes.</summary>
    public string? HolderName => _holder?.Name;

    internal void Enter(GateUser user)
    {
        lock (_lock)
        {
            // Idling earns no credit: who comes back starts level with the turn that was given last.
            if (user.Served < _servedUpTo)
                user.Served = _servedUpTo;

            if (_holder is null)
            {
                Hand(user);
                return;
            }

            _waiting.Add(user);
        }

        user.Turn.Wait();
    }

    internal void Exit(GateUser user)
    {
        GateUser? next = null;
        lock (_lock)
        {
            if (_holder != user)
                throw new InvalidOperationException($"{user.Name} leaves a gate that it does not hold.");

            user.Served += time.GetElapsedTime(user.EnteredAt);
            _holder = null;
            foreach (var candidate in _waiting)
                if (next is null || candidate.Served < next.Served)
                    next = candidate;

            if (next is not null)
            {
                _waiting.Remove(next);
                Hand(next);
            }
        }

        next?.Turn.Release();
    }

    private void Hand(GateUser user)
    {
        _holder = user;
        _servedUpTo = user.Served;
        user.EnteredAt = time.GetTimestamp();
    }
}
