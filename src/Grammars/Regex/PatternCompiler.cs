using static ModelRunner.Grammars.Regex.RegexNode;

namespace ModelRunner.Grammars.Regex;

/// <summary>
/// Patterns to expressions. Assertions are resolved exactly: alternatives that hold one are multiplied out, and a
/// look around becomes an intersection with the language of all that follows or goes before.
/// </summary>
internal sealed class PatternCompiler(RxBuilder rx, TextEncoding encoding)
{
    private const int MaxBranches = 256;

    /// <summary>The texts in which the pattern matches somewhere, as JSON Schema means it.</summary>
    public Rx Search(string pattern) => Compile(pattern, isSearch: true);

    /// <summary>The texts that the pattern matches as a whole.</summary>
    public Rx Match(string pattern) => Compile(pattern, isSearch: false);

    /// <summary>The language of a tree without assertions.</summary>
    public Rx Plain(RegexNode node)
    {
        switch (node)
        {
            case Chars chars:
                return encoding.Encode(chars.Class);
            case Sequence sequence:
                var result = rx.Epsilon;
                for (var i = sequence.Items.Count - 1; i >= 0; i--)
                    result = rx.Concat(Plain(sequence.Items[i]), result);
                return result;
            case Alternatives alternatives:
                return rx.Or([.. alternatives.Items.Select(Plain)]);
            case Repeat repeat:
                return rx.Repeat(Plain(repeat.Item), repeat.Min, repeat.Max);
            default:
                throw new RegexSyntaxException("repeats an assertion");
        }
    }

    private Rx Compile(string pattern, bool isSearch)
    {
        var tree = RegexParser.Parse(pattern);
        var padding = isSearch ? encoding.AnyText : rx.Epsilon;
        return rx.And(encoding.AnyText, Union(tree, padding, padding));
    }

    private Rx Union(RegexNode tree, Rx before, Rx after) =>
        rx.Or([.. Branches(tree).Select(branch => Whole(branch, before, after))]);

    /// <summary>One branch with what may stand around it, where no anchor forbids that.</summary>
    private Rx Whole(List<RegexNode> items, Rx before, Rx after)
    {
        var start = -1;
        var end = items.Count;
        for (var i = 0; i < items.Count; i++)
        {
            if (items[i] is Anchor { IsEnd: false })
                start = i;
            if (items[i] is Anchor { IsEnd: true } && end == items.Count)
                end = i;
        }

        // What stands before a start or behind an end can only match nothing.
        for (var i = 0; i < items.Count; i++)
            if ((i < start || i > end) && !items[i].CanBeEmpty)
                return rx.Nothing;

        if (start > end)
            return items.Any(static item => item is Look) ? throw new RegexSyntaxException("looks around an empty text") : rx.Epsilon;

        for (var i = 0; i < items.Count; i++)
            if ((i < start || i > end) && items[i] is Look)
                throw new RegexSyntaxException("looks beyond an anchor");

        var core = items.Skip(start + 1).Take(end - start - 1).ToList();
        return Follow(core, 0, start >= 0 ? rx.Epsilon : before, end < items.Count ? rx.Epsilon : after);
    }

    /// <summary>The language from item <paramref name="index"/> on to the end, with <paramref name="before"/> in front.</summary>
    private Rx Follow(List<RegexNode> items, int index, Rx before, Rx after)
    {
        var read = before;
        for (var i = index; i < items.Count; i++)
        {
            if (items[i] is not Look look)
            {
                read = rx.Concat(read, Plain(items[i]));
                continue;
            }

            if (look.IsBehind)
            {
                var behind = Union(look.Item, encoding.AnyText, rx.Epsilon);
                if (before.IsEpsilon && index > 0)
                    throw new RegexSyntaxException("looks behind after a look ahead");
                read = rx.And(read, look.IsNegative ? rx.Not(behind) : behind);
                continue;
            }

            var ahead = Union(look.Item, rx.Epsilon, encoding.AnyText);
            var rest = Follow(items, i + 1, rx.Epsilon, after);
            return rx.Concat(read, rx.And(rest, look.IsNegative ? rx.Not(ahead) : ahead));
        }

        return rx.Concat(read, after);
    }

    /// <summary>Multiplies out, so that every assertion stands in a plain sequence.</summary>
    private static List<List<RegexNode>> Branches(RegexNode node)
    {
        switch (node)
        {
            case Alternatives { HasAssertion: true } alternatives:
                return Checked([.. alternatives.Items.SelectMany(Branches)]);
            case Sequence sequence:
                List<List<RegexNode>> result = [[]];
                foreach (var item in sequence.Items)
                    result = Multiply(result, item.HasAssertion ? Branches(item) : [[item]]);

                return result;
            case Repeat { HasAssertion: true } repeat when repeat.Max == 1:
                return repeat.Min == 1 ? Branches(repeat.Item) : [[], .. Branches(repeat.Item)];
            case Repeat { HasAssertion: true }:
                throw new RegexSyntaxException("repeats an assertion");
            default:
                return [[node]];
        }
    }

    private static List<List<RegexNode>> Multiply(List<List<RegexNode>> heads, List<List<RegexNode>> tails)
    {
        if (tails.Count > 1)
            return Checked([.. heads.SelectMany(head => tails.Select(List<RegexNode> (tail) => [.. head, .. tail]))]);

        // In place: a copy for each item would be quadratic in what a client writes.
        foreach (var head in heads)
            head.AddRange(tails[0]);

        return heads;
    }

    private static List<List<RegexNode>> Checked(List<List<RegexNode>> branches) =>
        branches.Count <= MaxBranches ? branches : throw new RegexSyntaxException("has too many ways through its assertions");
}
