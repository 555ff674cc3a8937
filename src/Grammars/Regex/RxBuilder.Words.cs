namespace ModelRunner.Grammars.Regex;

// How many strings an expression has.
internal sealed partial class RxBuilder
{
    /// <summary>Whether it has so many strings, or more.</summary>
    public bool HasWords(Rx node, int count)
    {
        // Beginnings of one length, counted by what may follow them: each leads to a string of its own at least.
        var beginnings = new Dictionary<Rx, long>();
        if (!IsEmpty(node))
            beginnings.Add(node, 1);

        for (var words = 0L; words + beginnings.Values.Sum() < count;)
        {
            if (beginnings.Count == 0)
                return false;

            var longer = new Dictionary<Rx, long>();
            foreach (var (rest, ways) in beginnings)
            {
                words += rest.IsNullable ? ways : 0;
                AddLonger(rest, ways, longer);
            }

            beginnings = longer;
        }

        return true;
    }

    private void AddLonger(Rx node, long ways, Dictionary<Rx, long> longer)
    {
        for (var bytes = node.First; !bytes.IsEmpty;)
        {
            CountStep();
            var same = bytes;
            var next = Derive(node, bytes.First, ref same);
            if (!IsEmpty(next))
                longer[next] = longer.GetValueOrDefault(next) + (ways * same.Count);

            bytes &= ~same;
        }
    }
}
