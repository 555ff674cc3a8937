using ModelRunner.ChatTemplates.Values;

namespace ModelRunner.ChatTemplates.Syntax;

/// <summary>An expression of a template.</summary>
internal abstract record Expression(Position At);

internal sealed record NameExpression(Position At, string Name) : Expression(At);

internal sealed record ConstantExpression(Position At, Value Value) : Expression(At);

internal sealed record ListExpression(Position At, IReadOnlyList<Expression> Items, bool IsTuple) : Expression(At);

internal sealed record DictionaryExpression(Position At, IReadOnlyList<(Expression Key, Expression Value)> Entries)
    : Expression(At);

internal sealed record UnaryExpression(Position At, string Sign, Expression Operand) : Expression(At);

internal sealed record BinaryExpression(Position At, string Sign, Expression Left, Expression Right) : Expression(At);

internal sealed record CompareExpression(
    Position At,
    Expression First,
    IReadOnlyList<(string Sign, Expression Operand)> Rest) : Expression(At);

internal sealed record ConcatenateExpression(Position At, IReadOnlyList<Expression> Parts) : Expression(At);

internal sealed record ConditionalExpression(Position At, Expression Test, Expression Then, Expression? Else)
    : Expression(At);

internal sealed record AttributeExpression(Position At, Expression Owner, string Name) : Expression(At);

internal sealed record ElementExpression(Position At, Expression Owner, Expression Key) : Expression(At);

internal sealed record SliceExpression(
    Position At,
    Expression Owner,
    Expression? Start,
    Expression? Stop,
    Expression? Step) : Expression(At);

internal sealed record CallExpression(Position At, Expression Target, CallArguments Arguments) : Expression(At);

/// <summary>A filter; without a subject inside a filter block, where the block's text is it.</summary>
internal sealed record FilterExpression(Position At, Expression? Subject, string Name, CallArguments Arguments)
    : Expression(At);

internal sealed record TestExpression(Position At, Expression Subject, string Name, CallArguments Arguments)
    : Expression(At);

/// <summary>The target <c>ns.name</c> of a <c>set</c>.</summary>
internal sealed record NamespaceTarget(Position At, string Name, string Attribute) : Expression(At);

/// <summary>What stands between the parentheses of a call.</summary>
internal sealed record CallArguments(
    IReadOnlyList<Expression> Positional,
    IReadOnlyList<(string Name, Expression Value)> Named,
    Expression? MorePositional,
    Expression? MoreNamed)
{
    public static readonly CallArguments None = new([], [], null, null);

    public bool IsEmpty => Positional.Count == 0 && Named.Count == 0 && MorePositional is null && MoreNamed is null;
}
