namespace ModelRunner.ChatTemplates.Compilation;

/// <summary>Where a variable lives: a slot in the activations of one function.</summary>
internal readonly record struct Slot(FunctionScope Function, int Index);

/// <summary>
/// What is compiled to one function of the reference: the template, a macro, a call block's body, the body of a
/// recursive loop, the test of a loop. Its activations hold its slots.
/// </summary>
internal sealed class FunctionScope(FunctionScope? parent)
{
    private readonly Dictionary<(int Level, string Name), int> _slots = [];

    public FunctionScope? Parent => parent;

    public int SlotCount => _slots.Count;

    public Slot SlotOf(int level, string name)
    {
        if (!_slots.TryGetValue((level, name), out var index))
            _slots[(level, name)] = index = _slots.Count;

        return new Slot(this, index);
    }
}

/// <summary>How a variable gets its first value when its scope is entered.</summary>
internal enum LoadKind
{
    /// <summary>The caller or the loop has set it.</summary>
    Parameter,

    /// <summary>From the variables of the request, by name.</summary>
    Resolve,

    /// <summary>From the slot of an outer scope.</summary>
    Alias,

    /// <summary>It has none until it is set.</summary>
    Undefined,
}

/// <summary>A <see cref="LoadKind"/> with what it reads.</summary>
internal readonly record struct Load(LoadKind Kind, string Name, Slot Source);

/// <summary>
/// The names of one scope. The rules are the reference's (its <c>idtracking</c>): they decide before anything runs
/// which slot each name reads and writes, which is what makes a <c>set</c> inside a loop local to it.
/// </summary>
internal sealed class Scope(FunctionScope function, Scope? parent)
{
    private readonly Dictionary<string, Slot> _slots = [];
    private readonly HashSet<string> _stores = [];

    public FunctionScope Function => function;

    public int Level { get; } = parent is null ? 0 : parent.Level + 1;

    public Dictionary<Slot, Load> Loads { get; } = [];

    public Scope Inner(FunctionScope? other = null) => new(other ?? function, this);

    public Slot? Find(string name) =>
        _slots.TryGetValue(name, out var slot) ? slot : parent?.Find(name);

    public void Read(string name)
    {
        if (Find(name) is null)
            Define(name, slot => new Load(LoadKind.Resolve, name, slot));
    }

    public void Store(string name)
    {
        _stores.Add(name);
        if (_slots.ContainsKey(name))
            return;

        if (parent?.Find(name) is { } outer)
            Define(name, _ => new Load(LoadKind.Alias, name, outer));
        else
            Define(name, slot => new Load(LoadKind.Undefined, name, slot));
    }

    public Slot DeclareParameter(string name)
    {
        _stores.Add(name);
        return Define(name, slot => new Load(LoadKind.Parameter, name, slot));
    }

    /// <summary>A copy for one branch of an <c>if</c>, to be merged afterwards.</summary>
    public Scope Branch()
    {
        var copy = new Scope(function, parent);
        foreach (var (name, slot) in _slots)
            copy._slots[name] = slot;

        foreach (var (slot, load) in Loads)
            copy.Loads[slot] = load;

        copy._stores.UnionWith(_stores);
        return copy;
    }

    /// <summary>Names that only some branches set keep their outer value in the others.</summary>
    public void Merge(params ReadOnlySpan<Scope> branches)
    {
        var counts = new Dictionary<string, int>();
        foreach (var branch in branches)
            foreach (var name in branch._stores)
                if (!_stores.Contains(name))
                    counts[name] = counts.GetValueOrDefault(name) + 1;

        foreach (var branch in branches)
        {
            foreach (var (name, slot) in branch._slots)
                _slots[name] = slot;

            foreach (var (slot, load) in branch.Loads)
                Loads[slot] = load;

            _stores.UnionWith(branch._stores);
        }

        foreach (var (name, count) in counts)
        {
            if (count == branches.Length)
                continue;

            var slot = _slots[name];
            Loads[slot] = parent?.Find(name) is { } outer
                ? new Load(LoadKind.Alias, name, outer)
                : new Load(LoadKind.Resolve, name, slot);
        }
    }

    private Slot Define(string name, Func<Slot, Load> load)
    {
        var slot = function.SlotOf(Level, name);
        _slots[name] = slot;
        Loads[slot] = load(slot);
        return slot;
    }
}
