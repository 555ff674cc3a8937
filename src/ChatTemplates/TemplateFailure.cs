namespace ModelRunner.ChatTemplates;

/// <summary>Why a template failed.</summary>
public enum TemplateFailure
{
    /// <summary>Its text is no template.</summary>
    Syntax,

    /// <summary>An operation that its values do not allow.</summary>
    Runtime,

    /// <summary>It said no itself, by <c>raise_exception</c>.</summary>
    Refused,

    /// <summary>It took too many steps, too much output or too much depth.</summary>
    Limit,
}
