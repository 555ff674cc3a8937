using ModelRunner.ChatTemplates.Builtins;
using ModelRunner.ChatTemplates.Syntax;
using ModelRunner.ChatTemplates.Values;

namespace ModelRunner.ChatTemplates.Compilation;

/// <content>Expressions.</content>
internal sealed partial class Compiler
{
    private Evaluate Compile(Expression expression, Scope scope) => _folding.Run(expression, scope, isOutput: false, CompileAny);

    private Evaluate CompileAny(Expression expression, Scope scope)
    {
        _folding.Step();
        if (_folding.IsTrial && ConstantFolding.IsKnownLate(expression))
            return ConstantFolding.KnownLate;

        var at = expression.At;
        switch (expression)
        {
            case ConstantExpression constant:
                return _ => constant.Value;
            case NameExpression name:
                return CompileName(name.Name, scope);
            case ListExpression list:
                var items = CompileAll(list.Items, scope);
                return activation =>
                {
                    activation.Rendering.ChargeItems(items.Length + 1);
                    var values = new List<Value>(items.Length);
                    foreach (var item in items)
                        values.Add(item(activation));

                    return new ListValue(values, list.IsTuple);
                };
            case DictionaryExpression dictionary:
                return CompileDictionary(dictionary, scope);
            case UnaryExpression unary:
                return CompileUnary(unary, scope);
            case BinaryExpression binary:
                return CompileBinary(binary, scope);
            case CompareExpression compare:
                return CompileCompare(compare, scope);
            case ConcatenateExpression concatenate:
                return CompileConcatenation(concatenate, scope);
            case ConditionalExpression conditional:
                return CompileConditional(conditional, scope);
            case AttributeExpression attribute:
                var owner = Compile(attribute.Owner, scope);
                var key = new TextValue(attribute.Name);
                return activation =>
                {
                    var value = owner(activation);
                    activation.Rendering.Step();
                    activation.Rendering.At = at;
                    return Attributes.GetAttribute(value, key, activation.Rendering);
                };
            case ElementExpression element:
                var container = Compile(element.Owner, scope);
                var index = Compile(element.Key, scope);
                return activation =>
                {
                    var value = container(activation);
                    var position = index(activation);
                    activation.Rendering.Step();
                    activation.Rendering.At = at;
                    return Attributes.GetElement(value, position, activation.Rendering);
                };
            case SliceExpression slice:
                var sliced = Compile(slice.Owner, scope);
                var isFolding = _folding.IsFolding;
                var start = CompileOptional(slice.Start, scope);
                var stop = CompileOptional(slice.Stop, scope);
                var step = CompileOptional(slice.Step, scope);
                return activation =>
                {
                    var value = sliced(activation);
                    var (from, to, by) = (start?.Invoke(activation), stop?.Invoke(activation), step?.Invoke(activation));
                    activation.Rendering.Step();
                    activation.Rendering.At = at;
                    return isFolding && value is not UndefinedValue && !Attributes.CanSlice(value)
                        ? UndefinedValue.Element(value, NoneValue.Instance)
                        : Attributes.Slice(value, from, to, by, activation.Rendering);
                };
            case CallExpression call:
                return CompileCall(call, scope, null);
            case FilterExpression filter:
                var subject = Compile(filter.Subject!, scope);
                var apply = CompileFilter(filter, scope);
                return activation => apply(activation, subject(activation));
            case TestExpression test:
                return CompileTest(test, scope);
            default:
                throw new TemplateException(TemplateFailure.Syntax, "This is no expression", at.Line, at.Column);
        }
    }

    private Evaluate? CompileOptional(Expression? expression, Scope scope) =>
        expression is null ? null : Compile(expression, scope);

    private Evaluate[] CompileAll(IReadOnlyList<Expression> expressions, Scope scope) =>
        [.. expressions.Select(item => Compile(item, scope))];

    private static Evaluate CompileName(string name, Scope scope)
    {
        var slot = scope.Find(name)!.Value;
        var index = slot.Index;
        return Hops(scope.Function, slot.Function) switch
        {
            0 => activation => activation.Slots[index] ?? UndefinedValue.Name(name),
            1 => activation => activation.Parent!.Slots[index] ?? UndefinedValue.Name(name),
            var hops => activation => Outer(activation, hops).Slots[index] ?? UndefinedValue.Name(name),
        };
    }

    private Evaluate CompileDictionary(DictionaryExpression dictionary, Scope scope)
    {
        var entries = dictionary.Entries.Select(entry => (Key: Compile(entry.Key, scope), Value: Compile(entry.Value, scope))).ToArray();
        return activation =>
        {
            activation.Rendering.ChargeItems(entries.Length + 1);
            var result = new DictionaryValue();
            foreach (var (key, value) in entries)
            {
                var name = key(activation);
                activation.Rendering.At = dictionary.At;
                Operations.RequireHashable(name);
                result.Set(name, value(activation));
            }

            return result;
        };
    }

    private Evaluate CompileCall(CallExpression call, Scope scope, Func<Activation, MacroValue>? caller)
    {
        var arguments = CompileArguments(call.Arguments, scope, caller);
        if (call.Target is AttributeExpression attribute)
        {
            // A method of a text or a dictionary runs without an object that binds it.
            var owner = Compile(attribute.Owner, scope);
            var name = new TextValue(attribute.Name);
            return activation =>
            {
                var value = owner(activation);
                activation.Rendering.Step();
                activation.Rendering.At = attribute.At;
                if (value is TextValue or DictionaryValue && Methods.Find(value, name.Text) is { } method)
                {
                    var given = arguments(activation);
                    activation.Rendering.At = attribute.At;
                    return method(value, given);
                }

                return Call(Attributes.GetAttribute(value, name, activation.Rendering), arguments(activation), call.At);
            };
        }

        var target = Compile(call.Target, scope);
        return activation =>
        {
            activation.Rendering.Step();
            return Call(target(activation), arguments(activation), call.At);
        };
    }

    private static Value Call(Value target, Arguments arguments, Position at)
    {
        arguments.Rendering.At = at;
        return target switch
        {
            FunctionValue function => function.Invoke(arguments),
            MacroValue macro => macro.Invoke(arguments),
            LoopValue loop => loop.Invoke(arguments),
            JoinerValue joiner => joiner.Next(),
            UndefinedValue undefined => throw undefined.Used(),
            _ => throw TemplateException.Runtime($"'{target.TypeName}' object is not callable"),
        };
    }

    private Func<Activation, Arguments> CompileArguments(CallArguments arguments, Scope scope, Func<Activation, MacroValue>? caller = null)
    {
        if (arguments.IsEmpty && caller is null)
            return static activation => Arguments.None(activation.Rendering);

        var positional = CompileAll(arguments.Positional, scope);
        var named = arguments.Named.Select(argument => (argument.Name, Value: Compile(argument.Value, scope))).ToArray();
        var morePositional = CompileOptional(arguments.MorePositional, scope);
        var moreNamed = CompileOptional(arguments.MoreNamed, scope);
        return activation =>
        {
            var values = new Value[positional.Length];
            for (var i = 0; i < positional.Length; i++)
                values[i] = positional[i](activation);

            if (morePositional is not null)
                values = [.. values, .. Operations.Iterate(morePositional(activation), activation.Rendering)];

            var names = named.Length == 0 ? [] : new KeyValuePair<string, Value>[named.Length];
            for (var i = 0; i < named.Length; i++)
                names[i] = new(named[i].Name, named[i].Value(activation));

            if (caller is not null)
                names = [.. names, new("caller", caller(activation))];

            if (moreNamed is not null)
                names = [.. names, .. Spread(moreNamed(activation))];

            return new Arguments(activation.Rendering, values, names);
        };

        static IEnumerable<KeyValuePair<string, Value>> Spread(Value value)
        {
            if (value is not DictionaryValue dictionary)
                throw TemplateException.Runtime($"argument after ** must be a mapping, not {value.TypeName}");

            return dictionary.Entries.Select(entry => entry.Key is TextValue name
                ? new KeyValuePair<string, Value>(name.Text, entry.Value)
                : throw TemplateException.Runtime("keywords must be strings"));
        }
    }

    private Func<Activation, Value, Value> CompileFilter(FilterExpression filter, Scope scope)
    {
        // In a chain without a subject the first filter takes the block's text.
        var before = filter.Subject is FilterExpression { } inner && IsRootless(inner) ? CompileFilter(inner, scope) : null;
        var arguments = CompileArguments(filter.Arguments, scope);
        if (!Filters.TryFind(filter.Name, out var apply))
        {
            if (!_isSoft)
                throw new TemplateException(TemplateFailure.Syntax, $"No filter named '{filter.Name}'.", filter.At.Line, filter.At.Column);

            apply = (_, _) => throw TemplateException.Runtime($"No filter named '{filter.Name}' found.");
        }

        return (activation, subject) =>
        {
            if (before is not null)
                subject = before(activation, subject);

            var given = arguments(activation);
            activation.Rendering.Step();
            activation.Rendering.At = filter.At;
            return apply(subject, given);
        };

        static bool IsRootless(FilterExpression filter) =>
            filter.Subject is null || (filter.Subject is FilterExpression inner && IsRootless(inner));
    }

    private Evaluate CompileTest(TestExpression test, Scope scope)
    {
        var subject = Compile(test.Subject, scope);
        var arguments = CompileArguments(test.Arguments, scope);
        if (!Tests.TryFind(test.Name, out var holds))
        {
            if (!_isSoft)
                throw new TemplateException(TemplateFailure.Syntax, $"No test named '{test.Name}'.", test.At.Line, test.At.Column);

            holds = (_, _) => throw TemplateException.Runtime($"No test named '{test.Name}' found.");
        }

        return activation =>
        {
            var value = subject(activation);
            var given = arguments(activation);
            activation.Rendering.Step();
            activation.Rendering.At = test.At;
            return Value.From(holds(value, given));
        };
    }
}
