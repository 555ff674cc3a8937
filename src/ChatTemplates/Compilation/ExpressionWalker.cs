using ModelRunner.ChatTemplates.Syntax;

namespace ModelRunner.ChatTemplates.Compilation;

/// <summary>Tells the names that an expression reads, in the order of evaluation.</summary>
internal static class ExpressionWalker
{
    /// <summary>How deep expressions may nest, chains of operators included: what the stack holds for sure.</summary>
    public const int MaxDepth = 512;

    public static void Walk(Expression? expression, Action<string> onName) => Walk(expression, onName, 0);

    private static void Walk(Expression? expression, Action<string> onName, int depth)
    {
        if (expression is null)
            return;

        if (++depth > MaxDepth)
        {
            throw new TemplateException(
                TemplateFailure.Limit,
                $"An expression nests more than {MaxDepth} deep",
                expression.At.Line,
                expression.At.Column);
        }

        switch (expression)
        {
            case NamespaceTarget:
                break;
            case NameExpression name:
                onName(name.Name);
                break;
            case ListExpression list:
                foreach (var item in list.Items)
                    Walk(item, onName, depth);

                break;
            case DictionaryExpression dictionary:
                foreach (var (key, value) in dictionary.Entries)
                {
                    Walk(key, onName, depth);
                    Walk(value, onName, depth);
                }

                break;
            case UnaryExpression unary:
                Walk(unary.Operand, onName, depth);
                break;
            case BinaryExpression binary:
                Walk(binary.Left, onName, depth);
                Walk(binary.Right, onName, depth);
                break;
            case CompareExpression compare:
                Walk(compare.First, onName, depth);
                foreach (var (_, operand) in compare.Rest)
                    Walk(operand, onName, depth);

                break;
            case ConcatenateExpression concatenate:
                foreach (var part in concatenate.Parts)
                    Walk(part, onName, depth);

                break;
            case ConditionalExpression conditional:
                Walk(conditional.Test, onName, depth);
                Walk(conditional.Then, onName, depth);
                Walk(conditional.Else, onName, depth);
                break;
            case AttributeExpression attribute:
                Walk(attribute.Owner, onName, depth);
                break;
            case ElementExpression element:
                Walk(element.Owner, onName, depth);
                Walk(element.Key, onName, depth);
                break;
            case SliceExpression slice:
                Walk(slice.Owner, onName, depth);
                Walk(slice.Start, onName, depth);
                Walk(slice.Stop, onName, depth);
                Walk(slice.Step, onName, depth);
                break;
            case CallExpression call:
                Walk(call.Target, onName, depth);
                Walk(call.Arguments, onName, depth);
                break;
            case FilterExpression filter:
                Walk(filter.Subject, onName, depth);
                Walk(filter.Arguments, onName, depth);
                break;
            case TestExpression test:
                Walk(test.Subject, onName, depth);
                Walk(test.Arguments, onName, depth);
                break;
        }
    }

    private static void Walk(CallArguments arguments, Action<string> onName, int depth)
    {
        foreach (var value in arguments.Positional)
            Walk(value, onName, depth);

        foreach (var (_, value) in arguments.Named)
            Walk(value, onName, depth);

        Walk(arguments.MorePositional, onName, depth);
        Walk(arguments.MoreNamed, onName, depth);
    }
}
