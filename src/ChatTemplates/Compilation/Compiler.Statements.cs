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

    // Inside an expression of constants only.
    private bool _isFolding;

    private Compiler()
    {
    }

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
                _isFolding = IsConstant(output.Value);
                var value = Compile(output.Value, scope);
                _isFolding = false;
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

    private Execute CompileSetBlock(SetBlockStatement set, Scope scope)
    {
        var inner = scope.Inner();
        Analyze(inner).Visit(set.Body);
        if (set.Filter is not null)
            Analyze(inner).Visit(set.Filter);

        var body = Hard(() => InScope(inner, Body(set.Body, inner)));
        var filter = set.Filter is null ? null : CompileFilter(set.Filter, inner);
        var assign = Assign(set.Target, scope);
        return activation =>
        {
            activation.Rendering.Step();
            var text = Capture(activation, body, out var flow);
            if (flow == Flow.Next)
                assign(activation, filter is null ? text : filter(activation, text));

            return flow;
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

    private Execute CompileFilterBlock(FilterBlockStatement statement, Scope scope)
    {
        var inner = scope.Inner();
        Analyze(inner).Visit(statement.Filter);
        Analyze(inner).Visit(statement.Body);
        var enter = Enter(inner);
        var leave = Leave(inner);
        var body = Hard(() => Body(statement.Body, inner));
        var filter = CompileFilter(statement.Filter, inner);
        return activation =>
        {
            activation.Rendering.Step();
            enter(activation);
            var text = Capture(activation, body, out var flow);
            if (flow == Flow.Next)
            {
                activation.Rendering.Write(filter(activation, text) as TextValue
                    ?? throw TemplateException.Runtime("The filters of a filter block must give a text."));
            }

            leave(activation);
            return flow;
        };
    }

    private Func<Activation, MacroValue> CompileMacro(string name, MacroBody macro, Scope scope)
    {
        var function = new FunctionScope(scope.Function);
        var inner = scope.Inner(function);
        var parameters = macro.Parameters.Select(inner.DeclareParameter).Select(slot => slot.Index).ToArray();
        var signature = new MacroSignature(
            name,
            [.. macro.Parameters],
            Special("caller"),
            Special("kwargs"),
            Special("varargs"));
        var analyzer = Analyze(inner);
        foreach (var value in macro.Defaults)
            analyzer.Visit(value);

        analyzer.Visit(macro.Statements);
        var (defaults, body) = Hard(() =>
        {
            var loopDepth = _loopDepth;
            _loopDepth = 0;
            var compiled = (macro.Defaults.Select(value => Compile(value, inner)).ToArray(), Body(macro.Statements, inner));
            _loopDepth = loopDepth;
            return compiled;
        });
        var enter = Enter(inner);
        var firstDefault = parameters.Length - defaults.Length;

        return outer => new MacroValue(signature, (values, caller, named, positional) =>
        {
            var rendering = outer.Rendering;
            var activation = new Activation(rendering, function.SlotCount, outer);
            for (var i = 0; i < parameters.Length; i++)
                activation.Slots[parameters[i]] = values[i];

            Set(activation, signature.CallerSlot, caller);
            Set(activation, signature.NamedSlot, named);
            Set(activation, signature.PositionalSlot, positional);
            enter(activation);
            for (var i = 0; i < parameters.Length; i++)
            {
                activation.Slots[parameters[i]] ??= i >= firstDefault
                    ? defaults[i - firstDefault](activation)
                    : new UndefinedValue($"parameter '{signature.Parameters[i]}' was not provided");
            }

            rendering.Enter();
            var text = Capture(activation, body, out _);
            rendering.Leave();
            return text;
        });

        int Special(string special) =>
            !macro.Parameters.Contains(special) && (NameSearch.Reads(macro.Statements, special))
                ? inner.DeclareParameter(special).Index
                : -1;

        static void Set(Activation activation, int slot, Value? value)
        {
            if (slot >= 0)
                activation.Slots[slot] = value;
        }
    }

    private Execute CompileCallBlock(CallBlockStatement statement, Scope scope)
    {
        var make = CompileMacro("caller", statement.Caller, scope);
        if (statement.Call is null)
        {
            return activation =>
            {
                activation.Rendering.Step();
                activation.Rendering.Write(make(activation).Invoke(Arguments.None(activation.Rendering)));
                return Flow.Next;
            };
        }

        var call = CompileCall(statement.Call, scope, make);
        return activation =>
        {
            activation.Rendering.Step();
            activation.Rendering.Write(PythonText.ToText(call(activation), activation.Rendering));
            return Flow.Next;
        };
    }

    // Runs a body and gives what it writes.
    private static TextValue Capture(Activation activation, Execute body, out Flow flow)
    {
        var rendering = activation.Rendering;
        var outer = rendering.Output;
        rendering.Output = new TextBuilder();
        flow = body(activation);
        var text = rendering.Output.ToText();
        rendering.Output = outer;
        return text;
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
                var items = ((ListExpression)target).Items.Select(item => Assign(item, scope)).ToArray();
                return (activation, value) =>
                {
                    activation.Rendering.At = target.At;
                    var values = Operations.Iterate(value, activation.Rendering);
                    if (values.Count != items.Length)
                        throw TemplateException.Runtime($"cannot unpack {values.Count} values to {items.Length} names");

                    for (var i = 0; i < items.Length; i++)
                        items[i](activation, values[i]);
                };
        }
    }
}
