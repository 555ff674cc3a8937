using ModelRunner.ChatTemplates.Printing;
using ModelRunner.ChatTemplates.Syntax;
using ModelRunner.ChatTemplates.Values;

namespace ModelRunner.ChatTemplates.Compilation;

// Macros, and blocks whose output is a value.
internal sealed partial class Compiler
{
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
}
