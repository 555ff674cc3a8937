using ModelRunner.ChatTemplates.Printing;
using ModelRunner.ChatTemplates.Syntax;
using ModelRunner.ChatTemplates.Values;

namespace ModelRunner.ChatTemplates.Compilation;

/// <summary>Statements to a tree of closures.</summary>
internal sealed partial class Compiler
{
    private readonly HashSet<string> _freeNames = [];
    private int _loopDepth;

    // Inside an if or a conditional, where an unknown filter fails only when it is reached.
    private bool _isSoft;

    private readonly ConstantFolding _folding;

    private Compiler() => _folding = new ConstantFolding(Compile);

    /// <summary>Compiles a template.</summary>
    /// <returns>Its body, the slots that it needs, and the names that it takes from the request.</returns>
    public static (Execute Body, FunctionScope Function, IReadOnlySet<string> FreeNames) Compile(IReadOnlyList<Statement> statements)
    {
        var compiler = new Compiler();
        var function = new FunctionScope(null);
        var scope = new Scope(function, null);
        new ScopeAnalyzer(scope, compiler._freeNames).Visit(statements);
        var body = InScope(scope, compiler.Body(statements, scope));
        return (body, function, compiler._freeNames);
    }

    private ScopeAnalyzer Analyze(Scope scope) => new(scope, _freeNames);

    private Execute Body(IReadOnlyList<Statement> statements, Scope scope)
    {
        var compiled = statements.Select(statement => Compile(statement, scope)).ToArray();
        return compiled.Length switch
        {
            0 => static _ => Flow.Next,
            1 => compiled[0],
            _ => activation =>
            {
                foreach (var statement in compiled)
                    if (statement(activation) is var flow and not Flow.Next)
                        return flow;

                return Flow.Next;
            },
        };
    }

    // Gives the variables of a scope their first values, and takes them away at its end.
    private static Execute InScope(Scope scope, Execute body)
    {
        var enter = Enter(scope);
        var leave = Leave(scope);
        return activation =>
        {
            enter(activation);
            var flow = body(activation);
            leave(activation);
            return flow;
        };
    }

    private static Action<Activation> Enter(Scope scope)
    {
        var loads = scope.Loads
            .Where(load => load.Value.Kind != LoadKind.Parameter)
            .Select(load => (load.Key.Index, load.Value.Kind, load.Value.Name, Hops: Hops(scope.Function, load.Value.Source.Function), Source: load.Value.Source.Index))
            .ToArray();
        return activation =>
        {
            foreach (var (index, kind, name, hops, source) in loads)
            {
                activation.Slots[index] = kind switch
                {
                    LoadKind.Resolve => activation.Rendering.Resolve(name),
                    LoadKind.Alias => Outer(activation, hops).Slots[source],
                    _ => null,
                };
            }
        };
    }

    private static Action<Activation> Leave(Scope scope)
    {
        var slots = scope.Loads.Keys.Select(slot => slot.Index).ToArray();
        return activation =>
        {
            foreach (var slot in slots)
                activation.Slots[slot] = null;
        };
    }

    private static int Hops(FunctionScope from, FunctionScope to)
    {
        var hops = 0;
        for (var function = from; function is not null && function != to; function = function.Parent)
            hops++;

        return hops;
    }

    private static Activation Outer(Activation activation, int hops)
    {
        for (; hops > 0; hops--)
            activation = activation.Parent!;

        return activation;
    }

    private Execute Compile(Statement statement, Scope scope)
    {
        switch (statement)
        {
            case DataStatement data:
                var text = new TextValue(data.Text);
                return activation =>
                {
                    activation.Rendering.Step();
                    activation.Rendering.Write(text);
                    return Flow.Next;
                };
            case OutputStatement output:
                var value = _folding.Run(output.Value, scope, isOutput: true, CompileAny);
                var at = output.At;
                return activation =>
                {
                    activation.Rendering.Step();
                    var result = value(activation);
                    activation.Rendering.At = at;
                    activation.Rendering.Write(result as TextValue ?? PythonText.ToText(result, activation.Rendering));
                    return Flow.Next;
                };
            case IfStatement branch:
                return CompileIf(branch, scope);
            case ForStatement loop:
                return CompileFor(loop, scope);
            case SetStatement set:
                var source = Compile(set.Value, scope);
                var assign = Assign(set.Target, scope);
                return activation =>
                {
                    activation.Rendering.Step();
                    assign(activation, source(activation));
                    return Flow.Next;
                };
            case SetBlockStatement set:
                return CompileSetBlock(set, scope);
            case WithStatement with:
                return CompileWith(with, scope);
            case FilterBlockStatement filter:
                return CompileFilterBlock(filter, scope);
            case MacroStatement macro:
                var make = CompileMacro(macro.Name, macro.Macro, scope);
                var store = Assign(new NameExpression(macro.At, macro.Name), scope);
                return activation =>
                {
                    activation.Rendering.Step();
                    store(activation, make(activation));
                    return Flow.Next;
                };
            case CallBlockStatement call:
                return CompileCallBlock(call, scope);
            case BreakStatement:
                RequireLoop(statement.At, "break");
                return static _ => Flow.Break;
            default:
                RequireLoop(statement.At, "continue");
                return static _ => Flow.Continue;
        }
    }

    private void RequireLoop(Position at, string name)
    {
        if (_loopDepth == 0)
            throw new TemplateException(TemplateFailure.Syntax, $"'{name}' outside of a loop", at.Line, at.Column);
    }

    private Execute CompileIf(IfStatement statement, Scope scope)
    {
        var wasSoft = _isSoft;
        _isSoft = true;
        var branches = new List<(Evaluate Test, Execute Body)> { (Compile(statement.Test, scope), Body(statement.Body, scope)) };
        branches.AddRange(statement.ElseIfs.Select(elseIf => (Compile(elseIf.Test, scope), Body(elseIf.Body, scope))));
        var tests = branches.ToArray();
        var otherwise = Body(statement.Else, scope);
        _isSoft = wasSoft;
        return activation =>
        {
            activation.Rendering.Step();
            foreach (var (test, body) in tests)
                if (test(activation).IsTrue)
                    return body(activation);

            return otherwise(activation);
        };
    }

    private Execute CompileWith(WithStatement with, Scope scope)
    {
        var inner = scope.Inner();
        var analyzer = Analyze(inner);
        foreach (var (target, _) in with.Variables)
            analyzer.VisitTarget(target, isParameter: true);

        analyzer.Visit(with.Body);
        var variables = with.Variables.Select(variable => (Assign: Assign(variable.Target, inner), Value: Compile(variable.Value, scope))).ToArray();
        var enter = Enter(inner);
        var leave = Leave(inner);
        var body = Hard(() => Body(with.Body, inner));
        return activation =>
        {
            activation.Rendering.Step();
            enter(activation);
            foreach (var (assign, value) in variables)
                assign(activation, value(activation));

            var flow = body(activation);
            leave(activation);
            return flow;
        };
    }

    private T Hard<T>(Func<T> compile)
    {
        var wasSoft = _isSoft;
        _isSoft = false;
        var compiled = compile();
        _isSoft = wasSoft;
        return compiled;
    }

    private Action<Activation, Value> Assign(Expression target, Scope scope)
    {
        switch (target)
        {
            case NameExpression name:
                var slot = scope.Find(name.Name)!.Value.Index;
                return (activation, value) => activation.Slots[slot] = value;
            case NamespaceTarget space:
                var owner = Compile(new NameExpression(space.At, space.Name), scope);
                var key = new TextValue(space.Attribute);
                return (activation, value) =>
                {
                    var holder = owner(activation);
                    activation.Rendering.At = space.At;
                    if (holder is not NamespaceValue attributes)
                        throw TemplateException.Runtime("cannot assign attribute on non-namespace object");

                    attributes.Attributes.Set(key, value);
                };
            default:
                var list = (ListExpression)target;
                var items = list.Items.Select(item => Assign(item, scope)).ToArray();
                return (activation, value) =>
                {
                    var values = Parts(list, value, activation.Rendering);
                    for (var i = 0; i < items.Length; i++)
                        items[i](activation, values[i]);
                };
        }
    }
}
