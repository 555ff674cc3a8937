using ModelRunner.ChatTemplates.Printing;
using ModelRunner.ChatTemplates.Syntax;
using ModelRunner.ChatTemplates.Values;

namespace ModelRunner.ChatTemplates.Compilation;

// Operators.
internal sealed partial class Compiler
{
    private Evaluate CompileUnary(UnaryExpression unary, Scope scope)
    {
        var operand = Compile(unary.Operand, scope);
        if (unary.Sign == "not")
            return activation => Value.From(!operand(activation).IsTrue);

        return activation =>
        {
            var value = operand(activation);
            activation.Rendering.Step();
            activation.Rendering.At = unary.At;
            return unary.Sign == "-" ? Arithmetic.Negate(value) : Arithmetic.Plus(value);
        };
    }

    private Evaluate CompileBinary(BinaryExpression binary, Scope scope)
    {
        var left = Compile(binary.Left, scope);
        var right = Compile(binary.Right, scope);
        switch (binary.Sign)
        {
            case "and":
                return activation => left(activation) is { IsTrue: false } no ? no : right(activation);
            case "or":
                return activation => left(activation) is { IsTrue: true } yes ? yes : right(activation);
        }

        Func<Value, Value, Rendering, Value> operation = binary.Sign switch
        {
            "+" => Arithmetic.Add,
            "-" => static (x, y, _) => Arithmetic.Subtract(x, y),
            "*" => Arithmetic.Multiply,
            "/" => static (x, y, _) => Arithmetic.Divide(x, y),
            "//" => static (x, y, _) => Arithmetic.FloorDivide(x, y),
            "%" => Arithmetic.Modulo,
            _ => Arithmetic.Power,
        };
        return activation =>
        {
            var x = left(activation);
            var y = right(activation);
            activation.Rendering.Step();
            activation.Rendering.At = binary.At;
            return operation(x, y, activation.Rendering);
        };
    }

    private Evaluate CompileCompare(CompareExpression compare, Scope scope)
    {
        var first = Compile(compare.First, scope);
        var rest = compare.Rest.Select(part => (part.Sign, Operand: Compile(part.Operand, scope))).ToArray();
        return activation =>
        {
            var left = first(activation);
            foreach (var (sign, operand) in rest)
            {
                var right = operand(activation);
                activation.Rendering.Step();
                activation.Rendering.At = compare.At;
                if (!Holds(left, sign, right, activation.Rendering))
                    return BooleanValue.False;

                left = right;
            }

            return BooleanValue.True;
        };
    }

    internal static bool Holds(Value left, string sign, Value right, Rendering rendering) => sign switch
    {
        "==" => Operations.AreEqual(left, right),
        "!=" => !Operations.AreEqual(left, right),
        "in" => Operations.Contains(right, left, rendering),
        "not in" => !Operations.Contains(right, left, rendering),
        "<" => Operations.Compare(left, right, sign) is < 0,
        "<=" => Operations.Compare(left, right, sign) is <= 0,
        ">" => Operations.Compare(left, right, sign) is > 0 and not 2,
        _ => Operations.Compare(left, right, sign) is >= 0 and not 2,
    };

    private Evaluate CompileConcatenation(ConcatenateExpression concatenate, Scope scope)
    {
        var parts = CompileAll(concatenate.Parts, scope);
        return activation =>
        {
            var texts = new TextValue[parts.Length];
            for (var i = 0; i < parts.Length; i++)
                texts[i] = PythonText.ToText(parts[i](activation), activation.Rendering);

            activation.Rendering.Step();
            activation.Rendering.At = concatenate.At;
            return MarkupText.Join(texts, TextValue.Empty, isSafe: false, activation.Rendering);
        };
    }

    private Evaluate CompileConditional(ConditionalExpression conditional, Scope scope)
    {
        var wasSoft = _isSoft;
        _isSoft = true;
        var test = Compile(conditional.Test, scope);
        var then = Compile(conditional.Then, scope);
        var otherwise = conditional.Else is null && _folding.IsTrial ? ConstantFolding.KnownLate : CompileOptional(conditional.Else, scope);
        _isSoft = wasSoft;
        return activation =>
        {
            activation.Rendering.Step();
            if (test(activation).IsTrue)
                return then(activation);

            return otherwise is not null
                ? otherwise(activation)
                : new UndefinedValue("the inline if-expression evaluated to false and no else section was defined.");
        };
    }
}
