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

        if (expression is NameExpression name)
            onName(name.Name);

        foreach (var part in PartsOf(expression))
            Walk(part, onName, depth);
    }

    /// <summary>The expressions that stand directly in an expression; null for those left out.</summary>
    public static IEnumerable<Expression?> PartsOf(Expression expression) => expression switch
    {
        ListExpression list => list.Items,
        DictionaryExpression dictionary => dictionary.Entries.SelectMany(static entry => new Expression?[] { entry.Key, entry.Value }),
        UnaryExpression unary => [unary.Operand],
        BinaryExpression binary => [binary.Left, binary.Right],
        CompareExpression compare => compare.Rest.Select(static item => item.Operand).Prepend(compare.First),
        ConcatenateExpression concatenate => concatenate.Parts,
        ConditionalExpression conditional => [conditional.Test, conditional.Then, conditional.Else],
        AttributeExpression attribute => [attribute.Owner],
        ElementExpression element => [element.Owner, element.Key],
        SliceExpression slice => [slice.Owner, slice.Start, slice.Stop, slice.Step],
        CallExpression call => [call.Target, .. PartsOf(call.Arguments)],
        FilterExpression filter => [filter.Subject, .. PartsOf(filter.Arguments)],
        TestExpression test => [test.Subject, .. PartsOf(test.Arguments)],
        _ => [],
    };

    private static IEnumerable<Expression?> PartsOf(CallArguments arguments) =>
        [.. arguments.Positional, .. arguments.Named.Select(static argument => argument.Value), arguments.MorePositional, arguments.MoreNamed];
}
