using ModelRunner.ChatTemplates.Syntax;

namespace ModelRunner.ChatTemplates.Compilation;

/// <summary>Fills a <see cref="Scope"/> with the names that statements read and set, in the order of evaluation.</summary>
internal sealed class ScopeAnalyzer(Scope scope, ISet<string> freeNames)
{
    private Scope _scope = scope;

    public void Visit(IReadOnlyList<Statement> statements)
    {
        foreach (var statement in statements)
            Visit(statement);
    }

    public void Visit(Expression? expression) => ExpressionWalker.Walk(expression, VisitName);

    public void VisitTarget(Expression target, bool isParameter)
    {
        switch (target)
        {
            case NameExpression name when isParameter:
                _scope.DeclareParameter(name.Name);
                break;
            case NameExpression name:
                _scope.Store(name.Name);
                break;
            case NamespaceTarget space:
                VisitName(space.Name);
                break;
            case ListExpression list:
                foreach (var item in list.Items)
                    VisitTarget(item, isParameter);

                break;
        }
    }

    private void VisitName(string name)
    {
        if (_scope.Find(name) is null)
            freeNames.Add(name);

        _scope.Read(name);
    }

    private void Visit(Statement statement)
    {
        switch (statement)
        {
            case OutputStatement output:
                Visit(output.Value);
                break;
            case IfStatement branch:
                VisitIf(branch);
                break;

            // A loop's body is a scope of its own; what it walks over is not.
            case ForStatement loop:
                Visit(loop.Source);
                break;
            case SetStatement set:
                Visit(set.Value);
                VisitTarget(set.Target, isParameter: false);
                break;
            case SetBlockStatement set:
                VisitTarget(set.Target, isParameter: false);
                break;
            case WithStatement with:
                foreach (var (_, value) in with.Variables)
                    Visit(value);

                break;
            case FilterBlockStatement filter:
                Visit(filter.Filter);
                break;
            case MacroStatement macro:
                _scope.Store(macro.Name);
                break;
            case CallBlockStatement call:
                Visit(call.Call);
                break;
        }
    }

    private void VisitIf(IfStatement statement)
    {
        Visit(statement.Test);
        var outer = _scope;
        var body = VisitBranch(outer, () => Visit(statement.Body));
        var elseIfs = VisitBranch(outer, () =>
        {
            foreach (var elseIf in statement.ElseIfs)
                VisitIf(elseIf);
        });
        var otherwise = VisitBranch(outer, () => Visit(statement.Else));
        outer.Merge(body, elseIfs, otherwise);
    }

    private Scope VisitBranch(Scope outer, Action visit)
    {
        _scope = outer.Branch();
        visit();
        var branch = _scope;
        _scope = outer;
        return branch;
    }
}
