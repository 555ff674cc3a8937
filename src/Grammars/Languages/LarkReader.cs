using System.Text;
using ModelRunner.Grammars.Regex;

namespace ModelRunner.Grammars.Languages;

/// <summary>
/// Reads a subset of Lark: rules and terminals, strings, patterns, ranges, groups, repetition, <c>%ignore</c> and
/// imports from <c>common</c>. Names of alternatives, priorities and the marks of tree building change nothing about
/// the language; templates and other directives are refused.
/// </summary>
internal sealed partial class LarkReader(string text) : GrammarReader(text)
{
    private readonly Dictionary<string, Ebnf> _rules = [];
    private readonly List<Ebnf> _ignored = [];

    // Whether a rule is read, whose terminals may have ignored text behind them.
    private bool _isRule;

    public EbnfGrammar Read()
    {
        for (SkipLines(); !IsAtEnd; SkipLines())
            ReadStatement();

        if (!_rules.ContainsKey("start"))
            throw new GrammarSyntaxException("The grammar has no rule 'start'.");

        // Whitespace in front of the whole; behind each terminal it is part of the rules.
        _rules[IgnoredName] = new Ebnf.Repeat(new Ebnf.Alternatives(_ignored), 0, _ignored.Count == 0 ? 0 : Rx.Unbounded);
        _rules[RootName] = new Ebnf.Sequence([new Ebnf.Rule(IgnoredName), new Ebnf.Rule("start")]);
        return new EbnfGrammar(RootName, _rules);
    }

    private const string IgnoredName = "%ignored";

    private const string RootName = "%root";

    private void ReadStatement()
    {
        if (TryTake("%ignore"))
        {
            _isRule = false;
            SkipSpace();
            _ignored.Add(ReadAlternatives());
            return;
        }

        if (TryTake("%import"))
        {
            ReadImport();
            return;
        }

        if (Current == '%')
            throw Error("uses a directive that is not supported");

        while (Current is '?' or '!')
            At++;

        var name = ReadName();
        _isRule = !char.IsAsciiLetterUpper(name.TrimStart('_')[0]);
        if (Current == '{')
            throw Error("uses templates, which are not supported");
        if (TryTake('.'))
            TakeNumber();

        SkipSpace();
        if (!TryTake(':'))
            throw Error($"lacks a ':' behind '{name}'");

        SkipSpace();
        _rules[name] = ReadAlternatives();
        SkipSpace();
        if (!IsAtEnd && Current is not ('\n' or '\r'))
            throw Error($"has an unexpected '{Current}'");
    }

    private void ReadImport()
    {
        SkipSpace();
        if (!TryTake("common."))
            throw Error("imports from elsewhere than 'common'");

        if (TryTake('('))
        {
            do
            {
                SkipSpace();
                Import(ReadName(), null);
                SkipSpace();
            }
            while (TryTake(','));

            if (!TryTake(')'))
                throw Error("lacks a ')'");
            return;
        }

        var name = ReadName();
        SkipSpace();
        string? alias = null;
        if (TryTake("->"))
        {
            SkipSpace();
            alias = ReadName();
        }

        Import(name, alias);
    }

    private void Import(string name, string? alias)
    {
        if (!LarkCommon.Terminals.TryGetValue(name, out var pattern))
            throw Error($"imports '{name}', which is not known");

        _rules[alias ?? name] = new Ebnf.Pattern(pattern);
    }

    private Ebnf ReadAlternatives()
    {
        Enter();
        var branches = new List<Ebnf> { ReadSequence() };
        while (TakeBar())
            branches.Add(ReadSequence());

        Leave();
        return branches.Count == 1 ? branches[0] : new Ebnf.Alternatives(branches);
    }

    private bool TakeBar()
    {
        var start = At;
        SkipLines();
        if (TryTake('|'))
        {
            SkipLines();
            return true;
        }

        At = start;
        return false;
    }

    private Ebnf.Sequence ReadSequence()
    {
        var items = new List<Ebnf>();
        SkipSpace();
        while (ReadItem() is { } item)
        {
            items.Add(ReadRepeats(item));
            SkipSpace();
        }

        if (TryTake("->"))
        {
            SkipSpace();
            ReadName();
            SkipSpace();
        }

        return new Ebnf.Sequence(items);
    }

    private Ebnf? ReadItem()
    {
        switch (Current)
        {
            case '"':
                var low = ReadString(out var ignoreCase);
                if (Current != '.' || Next != '.')
                    return Terminal(Ebnf.Text(low, ignoreCase));

                At += 2;
                var high = ReadString(out _);
                return low.EnumerateRunes().Count() == 1 && high.EnumerateRunes().Count() == 1
                    ? Terminal(new Ebnf.Chars(CharClass.Of((Rune.GetRuneAt(low, 0).Value, Rune.GetRuneAt(high, 0).Value))))
                    : throw Error("has a range of more than single characters");
            case '/':
                return Terminal(ReadPattern());
            case '(':
                return ReadGroup(')', isOptional: false);
            case '[':
                return ReadGroup(']', isOptional: true);
            default:
                if (!char.IsAsciiLetter(Current) && Current != '_')
                    return null;

                var name = ReadName();
                var rule = new Ebnf.Rule(name);
                return char.IsAsciiLetterUpper(name.TrimStart('_')[0]) ? Terminal(rule) : rule;
        }
    }

    private Ebnf Terminal(Ebnf item) => _isRule ? new Ebnf.Sequence([item, new Ebnf.Rule(IgnoredName)]) : item;

    private Ebnf ReadGroup(char close, bool isOptional)
    {
        At++;
        SkipLines();
        var group = ReadAlternatives();
        SkipLines();
        if (!TryTake(close))
            throw Error($"lacks a '{close}'");

        return isOptional ? new Ebnf.Repeat(group, 0, 1) : group;
    }

    private Ebnf ReadRepeats(Ebnf item)
    {
        if (TryTake('*'))
            return new Ebnf.Repeat(item, 0, Rx.Unbounded);
        if (TryTake('+'))
            return new Ebnf.Repeat(item, 1, Rx.Unbounded);
        if (TryTake('?'))
            return new Ebnf.Repeat(item, 0, 1);

        var start = At;
        SkipSpace();
        if (!TryTake('~'))
        {
            At = start;
            return item;
        }

        SkipSpace();
        var min = TakeNumber();
        var max = TryTake("..") ? TakeNumber() : min;
        return min <= max ? new Ebnf.Repeat(item, min, max) : throw Error("has a repetition out of order");
    }

    private string ReadName()
    {
        var start = At;
        while (char.IsAsciiLetterOrDigit(Current) || Current == '_')
            At++;

        return Source[start..At].Trim('_').Length > 0 ? Source[start..At] : throw Error("lacks a name");
    }

    private void SkipSpace()
    {
        while (true)
        {
            if (Current is ' ' or '\t')
            {
                At++;
            }
            else if (Current == '/' && Next == '/')
            {
                while (!IsAtEnd && Current != '\n')
                    At++;
            }
            else
            {
                return;
            }
        }
    }

    private void SkipLines()
    {
        for (SkipSpace(); Current is '\n' or '\r'; SkipSpace())
            At++;
    }
}
