namespace ModelRunner.Grammars.Schema;

/// <summary>A formula about which properties an object has.</summary>
internal abstract record Presence
{
    public static Presence True { get; } = new All([]);

    public static Presence False { get; } = new Any([]);

    /// <summary>Whether it holds for the names that are there.</summary>
    public abstract bool Holds(Func<string, bool> isPresent);

    /// <summary>Adds the names that it speaks of.</summary>
    public abstract void AddNames(ISet<string> names);

    internal sealed record Has(string Name) : Presence
    {
        public override bool Holds(Func<string, bool> isPresent) => isPresent(Name);

        public override void AddNames(ISet<string> names) => names.Add(Name);
    }

    internal sealed record Not(Presence Item) : Presence
    {
        public override bool Holds(Func<string, bool> isPresent) => !Item.Holds(isPresent);

        public override void AddNames(ISet<string> names) => Item.AddNames(names);
    }

    internal sealed record All(IReadOnlyList<Presence> Items) : Presence
    {
        public override bool Holds(Func<string, bool> isPresent) => Items.All(item => item.Holds(isPresent));

        public override void AddNames(ISet<string> names)
        {
            foreach (var item in Items)
                item.AddNames(names);
        }
    }

    internal sealed record Any(IReadOnlyList<Presence> Items) : Presence
    {
        public override bool Holds(Func<string, bool> isPresent) => Items.Any(item => item.Holds(isPresent));

        public override void AddNames(ISet<string> names)
        {
            foreach (var item in Items)
                item.AddNames(names);
        }
    }

    internal sealed record ExactlyOne(IReadOnlyList<Presence> Items) : Presence
    {
        public override bool Holds(Func<string, bool> isPresent) => Items.Count(item => item.Holds(isPresent)) == 1;

        public override void AddNames(ISet<string> names)
        {
            foreach (var item in Items)
                item.AddNames(names);
        }
    }
}
