namespace ModelRunner.ChatTemplates;

/// <summary>A template that cannot be compiled, or that refuses what it is given.</summary>
public sealed class TemplateException : Exception
{
    internal TemplateException(TemplateFailure failure, string reason, int line = 0, int column = 0)
        : base(line > 0 ? $"{reason} (line {line}, column {column})" : reason)
    {
        Failure = failure;
        Reason = reason;
        Line = line;
        Column = column;
    }

    /// <summary>What kind of failure it is.</summary>
    public TemplateFailure Failure { get; }

    /// <summary>The message without the place.</summary>
    public string Reason { get; }

    /// <summary>Line of the template, from 1.</summary>
    public int Line { get; }

    /// <summary>Column in that line, from 1, in UTF-16 units.</summary>
    public int Column { get; }

    internal static TemplateException Runtime(string reason) => new(TemplateFailure.Runtime, reason);

    internal static TemplateException Limit(string reason) => new(TemplateFailure.Limit, reason);

    internal TemplateException WithPlace(Syntax.Position at) =>
        Line > 0 ? this : new TemplateException(Failure, Reason, at.Line, at.Column);
}
