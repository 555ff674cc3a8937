using ModelRunner.ChatTemplates.Syntax;
using ModelRunner.ChatTemplates.Values;

namespace ModelRunner.ChatTemplates.Compilation;

/// <content>Loops.</content>
internal sealed partial class Compiler
{
    private delegate Flow RunLoop(Activation activation, Value source, int depth, Func<Value, int, Value>? recurse);

    private Execute CompileFor(ForStatement loop, Scope scope)
    {
        var source = Compile(loop.Source, scope);
        if (!loop.IsRecursive)
        {
            var run = CompileLoop(loop, scope, scope.Function);
            return activation =>
            {
                activation.Rendering.Step();
                return run(activation, source(activation), 0, null);
            };
        }

        // The body is a function that calls itself by loop(...), and gives its text.
        var function = new FunctionScope(scope.Function);
        var body = CompileLoop(loop, scope, function);
        return activation =>
        {
            var rendering = activation.Rendering;
            rendering.Step();
            rendering.Write((TextValue)Recurse(source(activation), 0));
            return Flow.Next;

            Value Recurse(Value items, int depth)
            {
                rendering.Enter();
                var inner = new Activation(rendering, function.SlotCount, activation);
                var text = Capture(inner, called => body(called, items, depth, Recurse), out _);
                rendering.Leave();
                return text;
            }
        };
    }

    private RunLoop CompileLoop(ForStatement loop, Scope outer, FunctionScope function)
    {
        var inner = outer.Inner(function);
        var hasLoop = loop.IsRecursive || NameSearch.Reads(loop.Body, "loop");
        var loopSlot = hasLoop ? inner.DeclareParameter("loop").Index : -1;
        var analyzer = Analyze(inner);
        analyzer.VisitTarget(loop.Target, isParameter: true);
        analyzer.Visit(loop.Body);

        var otherwiseScope = outer.Inner(function);
        Analyze(otherwiseScope).Visit(loop.Else);

        _loopDepth++;
        var assign = Assign(loop.Target, inner);
        var body = Hard(() => Body(loop.Body, inner));
        _loopDepth--;
        var otherwise = Hard(() => InScope(otherwiseScope, Body(loop.Else, otherwiseScope)));
        var filter = loop.Test is null ? null : CompileLoopTest(loop, outer);
        var enter = Enter(inner);
        var leave = Leave(inner);
        var at = loop.Source.At;

        return (activation, source, depth, recurse) =>
        {
            var rendering = activation.Rendering;
            rendering.At = at;
            var items = Operations.Iterate(source, rendering);
            var walked = source as DictionaryValue ?? (source as ViewValue)?.Source;
            var size = walked?.Length;
            if (filter is not null)
                items = filter(recurse is null ? activation : activation.Parent!, items);

            if (items.Count == 0)
                return otherwise(activation);

            var context = hasLoop ? new LoopValue(items, depth, recurse) : null;
            var isElse = true;

            // A list may grow while it is walked.
            for (var i = 0; i < items.Count; i++)
            {
                rendering.Step();
                if (context is not null)
                {
                    context.Index = i;
                    activation.Slots[loopSlot] = context;
                }

                assign(activation, items[i]);
                enter(activation);
                var flow = body(activation);
                if (flow == Flow.Break)
                    break;

                if (walked?.Length != size)
                    throw TemplateException.Runtime("dictionary changed size during iteration");

                // As in the reference, only a round that comes to its end keeps the else branch away.
                isElse &= flow != Flow.Next;
            }

            leave(activation);
            return isElse ? otherwise(activation) : Flow.Next;
        };
    }

    private Func<Activation, IReadOnlyList<Value>, IReadOnlyList<Value>> CompileLoopTest(ForStatement loop, Scope outer)
    {
        var function = new FunctionScope(outer.Function);
        var scope = outer.Inner(function);
        var analyzer = Analyze(scope);
        analyzer.VisitTarget(loop.Target, isParameter: true);
        analyzer.Visit(loop.Test);
        var assign = Assign(loop.Target, scope);
        var enter = Enter(scope);
        var test = Hard(() => Compile(loop.Test!, scope));
        return (activation, items) =>
        {
            var inner = new Activation(activation.Rendering, function.SlotCount, activation);
            var kept = new List<Value>(items.Count);
            for (var i = 0; i < items.Count; i++)
            {
                activation.Rendering.Step();
                var item = Unpack(loop.Target, items[i], activation.Rendering);
                assign(inner, item);
                enter(inner);
                if (test(inner).IsTrue)
                    kept.Add(item);
            }

            return kept;
        };
    }

    // The reference filters in a generator that yields its target again: what a loop unpacks has become a tuple. Once
    // only, as what is unpacked may be an iterator.
    private static Value Unpack(Expression target, Value item, Rendering rendering)
    {
        if (target is not ListExpression list)
            return item;

        var parts = Parts(list, item, rendering);
        return new ListValue([.. list.Items.Select((part, i) => Unpack(part, parts[i], rendering))], isTuple: true);
    }

    private static IReadOnlyList<Value> Parts(ListExpression target, Value value, Rendering rendering)
    {
        rendering.At = target.At;
        var parts = Operations.Iterate(value, rendering);
        return parts.Count == target.Items.Count
            ? parts
            : throw TemplateException.Runtime($"cannot unpack {parts.Count} values to {target.Items.Count} names");
    }
}
