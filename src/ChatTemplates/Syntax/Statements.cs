namespace ModelRunner.ChatTemplates.Syntax;

/// <summary>A statement of a template.</summary>
internal abstract record Statement(Position At);

internal sealed record DataStatement(Position At, string Text) : Statement(At);

internal sealed record OutputStatement(Position At, Expression Value) : Statement(At);

internal sealed record IfStatement(
    Position At,
    Expression Test,
    IReadOnlyList<Statement> Body,
    IReadOnlyList<IfStatement> ElseIfs,
    IReadOnlyList<Statement> Else) : Statement(At);

internal sealed record ForStatement(
    Position At,
    Expression Target,
    Expression Source,
    Expression? Test,
    bool IsRecursive,
    IReadOnlyList<Statement> Body,
    IReadOnlyList<Statement> Else) : Statement(At);

internal sealed record SetStatement(Position At, Expression Target, Expression Value) : Statement(At);

internal sealed record SetBlockStatement(
    Position At,
    Expression Target,
    FilterExpression? Filter,
    IReadOnlyList<Statement> Body) : Statement(At);

internal sealed record WithStatement(
    Position At,
    IReadOnlyList<(Expression Target, Expression Value)> Variables,
    IReadOnlyList<Statement> Body) : Statement(At);

internal sealed record FilterBlockStatement(Position At, FilterExpression Filter, IReadOnlyList<Statement> Body)
    : Statement(At);

/// <summary>The parameters and body of a macro or a call block.</summary>
internal sealed record MacroBody(
    IReadOnlyList<string> Parameters,
    IReadOnlyList<Expression> Defaults,
    IReadOnlyList<Statement> Statements);

internal sealed record MacroStatement(Position At, string Name, MacroBody Macro) : Statement(At);

/// <summary>A call block; without a call it is <c>generation</c>, whose body is written as it is.</summary>
internal sealed record CallBlockStatement(Position At, CallExpression? Call, MacroBody Caller) : Statement(At);

internal sealed record BreakStatement(Position At) : Statement(At);

internal sealed record ContinueStatement(Position At) : Statement(At);
