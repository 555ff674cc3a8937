namespace ModelRunner.Grammars.Parsing;

/// <summary>
/// Earley's recogniser with rows as shared objects. A nonterminal that ends its alternative takes the return of that
/// alternative, so that right recursion, which every list is, costs nothing. Empty derivations are taken when a
/// nonterminal is predicted (Aycock and Horspool, "Practical Earley parsing", 2002).
/// </summary>
internal sealed class Parser(Grammar grammar, Lexer lexer)
{
    private readonly Dictionary<Item[], Row> _rows = new(new ContentComparer<Item>());
    private readonly Dictionary<Item[], Row> _acceptingRows = new(new ContentComparer<Item>());
    private readonly Dictionary<(Nonterminal, Row), Frame> _frames = [];
    private readonly List<Row> _all = [];
    private int _frameCount;
    private int _rowCount;

    public int RowCount => _all.Count;

    /// <summary>The row before the first byte.</summary>
    public Row Start() => GetRow([new Item(grammar.Prepend(grammar.Root, null), null)], false);

    /// <summary>The row behind terminals that end at one place.</summary>
    public Row Advance(Row row, AcceptSet accept)
    {
        if (row.Next.TryGetValue(accept, out var known))
            return known;

        var kernel = new List<Item>();
        var accepts = false;
        foreach (var item in row.Scans)
        {
            var match = Array.FindIndex(accept.Matches, match => match.Terminal == item.Rest.Head);
            if (match < 0)
                continue;
            if (item.Rest.Tail is { Head: CapturedNonterminal captured } hole && accept.Matches[match].Text is { } text)
                kernel.Add(new Item(grammar.Prepend(captured.With(text), hole.Tail), item.Return));
            else if (item.Rest.Tail is { } tail)
                kernel.Add(new Item(tail, item.Return));
            else
                accepts |= Complete(item.Return, kernel);
        }

        return row.Next[accept] = GetRow(kernel, accepts);
    }

    public void Forget()
    {
        _rows.Clear();
        _acceptingRows.Clear();
        _frames.Clear();
        foreach (var row in _all)
            row.Next.Clear();

        _all.Clear();
    }

    /// <summary>Goes on behind a complete nonterminal. True when it was the root.</summary>
    private static bool Complete(Frame? frame, List<Item> into)
    {
        if (frame is null)
            return true;

        foreach (var item in frame.Row.Waits)
            if (item.Rest.Head == frame.Goal)
                into.Add(new Item(item.Rest.Tail!, item.Return));

        return false;
    }

    private Row GetRow(List<Item> items, bool accepts)
    {
        items.Sort(static (a, b) => a.Rest.Id != b.Rest.Id
            ? a.Rest.Id.CompareTo(b.Rest.Id)
            : (a.Return?.Id ?? 0).CompareTo(b.Return?.Id ?? 0));
        var kernel = items.Distinct().ToArray();
        var rows = accepts ? _acceptingRows : _rows;
        if (rows.TryGetValue(kernel, out var row))
            return row;

        row = new Row(++_rowCount, kernel, accepts);
        rows.Add(kernel, row);
        _all.Add(row);
        Close(row);
        return row;
    }

    private void Close(Row row)
    {
        var items = new List<Item>(row.Kernel);
        var seen = new HashSet<Item>(row.Kernel);
        var waits = new List<Item>();
        var scans = new List<Item>();
        var behind = new List<Item>();
        for (var i = 0; i < items.Count; i++)
        {
            var item = items[i];
            if (item.Rest.Head is not Nonterminal goal)
            {
                scans.Add(item);
                continue;
            }

            var tail = item.Rest.Tail;
            if (tail is not null)
                waits.Add(item);

            var target = tail is null ? item.Return : GetFrame(goal, row);
            foreach (var alternative in goal.GetAlternatives(grammar))
                if (alternative is not null)
                    Add(new Item(alternative, target));

            if (!goal.IsNullable)
                continue;
            if (tail is not null)
            {
                Add(new Item(tail, item.Return));
            }
            else if (item.Return?.Row != row)
            {
                behind.Clear();
                row.IsAccepting |= Complete(item.Return, behind);
                foreach (var next in behind)
                    Add(next);
            }
        }

        grammar.Rx.CountStep(items.Count);
        row.Waits = [.. waits];
        row.Scans = [.. scans];
        row.Lexer = lexer.Start(scans.Select(static scan => (Terminal)scan.Rest.Head));

        void Add(Item item)
        {
            if (!seen.Add(item))
                return;
            if (items.Count >= grammar.Limits.RowItems)
                throw new GrammarLimitException("too many of its alternatives are open at one place");

            items.Add(item);
        }
    }

    private Frame GetFrame(Nonterminal goal, Row row)
    {
        if (!_frames.TryGetValue((goal, row), out var frame))
            _frames.Add((goal, row), frame = new Frame(++_frameCount, goal, row));

        return frame;
    }
}
