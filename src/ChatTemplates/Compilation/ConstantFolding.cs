using ModelRunner.ChatTemplates.Builtins;
using ModelRunner.ChatTemplates.Syntax;
using ModelRunner.ChatTemplates.Values;

namespace ModelRunner.ChatTemplates.Compilation;

/// <summary>
/// Which expressions the reference computes while it compiles. That changes what they give in one case: there a slice of
/// what cannot be sliced is undefined, and at run time it is an error. An expression is computed early when everything
/// that its evaluation comes to is known, so that <c>1 or name</c> is, and when its value can be written down again, or
/// is written out at once. Found by trying it.
/// </summary>
/// <param name="compile">Compiles an expression.</param>
internal sealed class ConstantFolding(Func<Expression, Scope, Evaluate> compile)
{
    // For all trials of a template together, compiling and evaluation; what is not tried is left to run time.
    private readonly Rendering _trials = new(
        new Dictionary<string, Value>(), Globals.All, TemplateLimits.Default with { Steps = 10_000 }, DateTimeOffset.UnixEpoch);

    private readonly Dictionary<Expression, bool> _hasSlice = new(ReferenceEqualityComparer.Instance);

    /// <summary>Whether what is compiled now stands inside an expression that is computed early.</summary>
    public bool IsFolding { get; private set; }

    /// <summary>Whether it is only tried.</summary>
    public bool IsTrial { get; private set; }

    /// <summary>Counts the compiling of an expression, which a trial does for every expression around it once more.</summary>
    /// <exception cref="TemplateException">It is a trial, and takes too long: no other is made.</exception>
    public void Step()
    {
        if (IsTrial)
            _trials.Step();
    }

    /// <summary>Fails a trial when the evaluation comes to it.</summary>
    public static Value KnownLate(Activation activation) => throw TemplateException.Runtime("This is known at run time.");

    /// <summary>Whether an expression is never known early: a name, a call, or a filter that reads the variables.</summary>
    public static bool IsKnownLate(Expression expression) => expression
        is NameExpression
        or CallExpression
        or FilterExpression { Name: "map" or "select" or "reject" or "selectattr" or "rejectattr" or "random" };

    /// <summary>Compiles an expression by the rule that holds for it.</summary>
    /// <param name="expression">The expression.</param>
    /// <param name="scope">Where it stands.</param>
    /// <param name="isOutput">Whether its text is written out.</param>
    /// <param name="compileInside">Compiles it.</param>
    public Evaluate Run(Expression expression, Scope scope, bool isOutput, Func<Expression, Scope, Evaluate> compileInside)
    {
        var wasFolding = IsFolding;
        IsFolding = wasFolding || (!_trials.IsSpent && HasSlice(expression) && Try(expression, scope) is { } value && (isOutput || CanBeWritten(value)));
        try
        {
            return compileInside(expression, scope);
        }
        finally
        {
            IsFolding = wasFolding;
        }
    }

    private Value? Try(Expression expression, Scope scope)
    {
        (IsFolding, IsTrial) = (true, true);
        try
        {
            return compile(expression, scope)(new Activation(_trials, 0, null));
        }
        catch (TemplateException)
        {
            return null;
        }
        finally
        {
            (IsFolding, IsTrial) = (false, false);
        }
    }

    private bool HasSlice(Expression expression)
    {
        if (_hasSlice.TryGetValue(expression, out var has))
            return has;

        has = expression is SliceExpression;
        foreach (var part in ExpressionWalker.PartsOf(expression))
            has |= part is not null && HasSlice(part);

        return _hasSlice[expression] = has;
    }

    private static bool CanBeWritten(Value value) => value switch
    {
        ListValue list => list.Items.All(CanBeWritten),
        DictionaryValue dictionary => dictionary.Entries.All(static entry => CanBeWritten(entry.Key) && CanBeWritten(entry.Value)),
        _ => value is NoneValue or BooleanValue or IntegerValue or FloatValue or TextValue,
    };
}
