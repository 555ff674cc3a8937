using ModelRunner.ChatTemplates.Syntax;

namespace ModelRunner.ChatTemplates.Compilation;

/// <summary>Whether statements, whatever they nest, read a name such as <c>loop</c> or <c>caller</c>.</summary>
internal static class NameSearch
{
    public static bool Reads(IReadOnlyList<Statement> statements, string name)
    {
        foreach (var statement in statements)
            if (Reads(statement, name))
                return true;

        return false;
    }

    private static bool Reads(Statement statement, string name) => statement switch
    {
        OutputStatement output => Reads(output.Value, name),
        IfStatement branch => Reads(branch.Test, name) || Reads(branch.Body, name) || Reads(branch.ElseIfs, name) || Reads(branch.Else, name),
        ForStatement loop => Reads(loop.Source, name) || Reads(loop.Test, name) || Reads(loop.Body, name) || Reads(loop.Else, name),
        SetStatement set => Reads(set.Value, name) || Reads(set.Target, name),
        SetBlockStatement set => Reads(set.Filter, name) || Reads(set.Body, name),
        WithStatement with => with.Variables.Any(variable => Reads(variable.Value, name)) || Reads(with.Body, name),
        FilterBlockStatement filter => Reads(filter.Filter, name) || Reads(filter.Body, name),
        MacroStatement macro => Reads(macro.Macro, name),
        CallBlockStatement call => Reads(call.Call, name) || Reads(call.Caller, name),
        _ => false,
    };

    private static bool Reads(MacroBody macro, string name) =>
        macro.Defaults.Any(value => Reads(value, name)) || Reads(macro.Statements, name);

    private static bool Reads(Expression? expression, string name)
    {
        var isRead = expression is NamespaceTarget target && target.Name == name;
        ExpressionWalker.Walk(expression, other => isRead |= other == name);
        return isRead;
    }
}
