using ModelRunner.Grammars.Parsing;
using ModelRunner.Grammars.Regex;

namespace ModelRunner.Grammars.Languages;

/// <summary>
/// Written grammars to rules over terminals. Whatever does not recurse becomes a regular expression, as large as it
/// can be, for which the lexer is made; the rest stays context-free. The language is the same either way.
/// </summary>
internal sealed class EbnfLowering
{
    private const int MaxRepeat = 2000;

    private readonly EbnfGrammar _source;
    private readonly Grammar _grammar;
    private readonly TextEncoding _text;
    private readonly PatternCompiler _patterns;
    private readonly Dictionary<string, bool> _isRegular = [];
    private readonly HashSet<string> _open = [];
    private readonly Dictionary<string, Rx> _expressions = [];
    private readonly Dictionary<string, Rule> _rules = [];
    private readonly List<Rule> _all = [];

    private EbnfLowering(EbnfGrammar source, GrammarLimits limits)
    {
        _source = source;
        _grammar = new Grammar(limits);
        _text = TextGrammars.MakeText(_grammar.Rx);
        _patterns = new PatternCompiler(_grammar.Rx, _text);
    }

    public static Grammar Lower(EbnfGrammar source, GrammarLimits limits)
    {
        var lowering = new EbnfLowering(source, limits);
        foreach (var name in source.Rules.Keys)
            lowering.IsRegular(name);

        var root = lowering.NewRule();
        root.Alternatives = lowering.Alternatives(new Ebnf.Rule(source.Root));
        lowering.RemoveUnproductive(root);
        lowering.MarkNullables();
        lowering._grammar.Root = root;
        return lowering._grammar;
    }

    private bool IsRegular(string name)
    {
        if (_isRegular.TryGetValue(name, out var known))
            return known;
        if (!_source.Rules.TryGetValue(name, out var body))
            throw new GrammarSyntaxException($"The grammar uses the rule '{name}', which it does not define.");
        if (!_open.Add(name))
            return false;

        System.Runtime.CompilerServices.RuntimeHelpers.EnsureSufficientExecutionStack();
        var result = IsRegular(body);
        _open.Remove(name);

        // Part of a cycle or above one: a rule that was judged while it was open is judged again from the top.
        if (result || _open.Count == 0 || !Reaches(name))
            _isRegular[name] = result;

        return result;
    }

    private bool Reaches(string name) => _open.Contains(name);

    private bool IsRegular(Ebnf node)
    {
        switch (node)
        {
            case Ebnf.Rule rule:
                return IsRegular(rule.Name);
            case Ebnf.Sequence sequence:
                return AreRegular(sequence.Items);
            case Ebnf.Alternatives alternatives:
                return AreRegular(alternatives.Items);
            case Ebnf.Repeat repeat:
                return IsRegular(repeat.Item);
            default:
                return true;
        }
    }

    private bool AreRegular(IReadOnlyList<Ebnf> items)
    {
        // All are asked, so that each undefined name is found.
        var result = true;
        foreach (var item in items)
            result &= IsRegular(item);

        return result;
    }

    private Rx Expression(Ebnf node)
    {
        var rx = _grammar.Rx;
        switch (node)
        {
            case Ebnf.Chars chars:
                return _text.Encode(chars.Class);
            case Ebnf.Pattern pattern:
                return _patterns.Match(pattern.Source);
            case Ebnf.Sequence sequence:
                return rx.Concat([.. sequence.Items.Select(Expression)]);
            case Ebnf.Alternatives alternatives:
                return rx.Or([.. alternatives.Items.Select(Expression)]);
            case Ebnf.Repeat repeat:
                return rx.Repeat(Expression(repeat.Item), repeat.Min, repeat.Max);
            default:
                var name = ((Ebnf.Rule)node).Name;
                if (!_expressions.TryGetValue(name, out var known))
                    _expressions[name] = known = Expression(_source.Rules[name]);
                return known;
        }
    }

    private Body?[] Alternatives(Ebnf node)
    {
        if (IsRegular(node))
            return Regular(Expression(node));

        switch (node)
        {
            case Ebnf.Rule rule:
                return [_grammar.Sequence(GetRule(rule.Name))];
            case Ebnf.Alternatives alternatives:
                return [.. alternatives.Items.SelectMany(Alternatives).Distinct()];
            case Ebnf.Repeat repeat:
                return [Repetition(repeat)];
            default:
                return [Sequence(((Ebnf.Sequence)node).Items)];
        }
    }

    private Body?[] Regular(Rx expression)
    {
        var rx = _grammar.Rx;
        if (expression.IsNothing || rx.IsEmpty(expression))
            return [];
        if (!expression.IsNullable)
            return [_grammar.Sequence(_grammar.GetTerminal(expression))];

        var some = rx.Except(expression, rx.Epsilon);
        return rx.IsEmpty(some) ? [null] : [_grammar.Sequence(_grammar.GetTerminal(some)), null];
    }

    private Body? Sequence(IReadOnlyList<Ebnf> items)
    {
        var symbols = new List<Symbol>();
        for (var i = 0; i < items.Count;)
        {
            var end = i;
            while (end < items.Count && IsRegular(items[end]))
                end++;

            if (end == i)
            {
                symbols.Add(Symbol(items[i++]));
                continue;
            }

            symbols.Add(Wrap(Regular(Expression(new Ebnf.Sequence([.. items.Skip(i).Take(end - i)])))));
            i = end;
        }

        return _grammar.Sequence([.. symbols]);
    }

    private Symbol Symbol(Ebnf node) => node is Ebnf.Rule rule ? GetRule(rule.Name) : Wrap(Alternatives(node));

    private Symbol Wrap(Body?[] alternatives)
    {
        if (alternatives is [{ Tail: null } only])
            return only.Head;

        var rule = NewRule();
        rule.Alternatives = alternatives;
        return rule;
    }

    private Body? Repetition(Ebnf.Repeat repeat)
    {
        if (repeat.Min > MaxRepeat || (repeat.Max > MaxRepeat && repeat.Max < Rx.Unbounded))
            throw new GrammarSyntaxException($"The grammar repeats a recursive part more than {MaxRepeat} times.");
        if (repeat.Min > repeat.Max)
            throw new GrammarSyntaxException("The grammar has a repetition whose bounds are out of order.");

        var item = Symbol(repeat.Item);
        Symbol? rest = null;
        if (repeat.Max == Rx.Unbounded)
        {
            var loop = NewRule();
            loop.Alternatives = [_grammar.Sequence(item, loop), null];
            rest = loop;
        }
        else
        {
            for (var i = repeat.Min; i < repeat.Max; i++)
            {
                var optional = NewRule();
                optional.Alternatives = [rest is null ? _grammar.Sequence(item) : _grammar.Sequence(item, rest), null];
                rest = optional;
            }
        }

        var body = rest is null ? null : _grammar.Prepend(rest, null);
        for (var i = 0; i < repeat.Min; i++)
            body = _grammar.Prepend(item, body);

        return body;
    }

    private Rule GetRule(string name)
    {
        if (_rules.TryGetValue(name, out var rule))
            return rule;

        System.Runtime.CompilerServices.RuntimeHelpers.EnsureSufficientExecutionStack();
        _rules.Add(name, rule = NewRule());
        rule.Alternatives = Alternatives(_source.Rules[name]);
        return rule;
    }

    private Rule NewRule()
    {
        var rule = _grammar.Register(new Rule());
        _all.Add(rule);
        return rule;
    }

    /// <summary>Drops alternatives that never come to an end: a parse must not be led into them.</summary>
    private void RemoveUnproductive(Rule root)
    {
        var productive = new HashSet<Symbol>();
        for (var changed = true; changed;)
        {
            changed = false;
            foreach (var rule in _all)
                if (!productive.Contains(rule) && Array.Exists(rule.Alternatives, IsProductive))
                    changed |= productive.Add(rule);
        }

        if (!productive.Contains(root))
            throw new GrammarSyntaxException("The grammar's root has no text that comes to an end.");

        foreach (var rule in _all)
            rule.Alternatives = Array.FindAll(rule.Alternatives, IsProductive);

        bool IsProductive(Body? body)
        {
            for (; body is not null; body = body.Tail)
                if (body.Head is Rule && !productive.Contains(body.Head))
                    return false;

            return true;
        }
    }

    private void MarkNullables()
    {
        for (var changed = true; changed;)
        {
            changed = false;
            foreach (var rule in _all)
            {
                if (rule.IsNullable || !Array.Exists(rule.Alternatives, IsNullable))
                    continue;

                rule.MarkNullable();
                changed = true;
            }
        }

        static bool IsNullable(Body? body)
        {
            for (; body is not null; body = body.Tail)
                if (body.Head is not Rule { IsNullable: true })
                    return false;

            return true;
        }
    }
}
