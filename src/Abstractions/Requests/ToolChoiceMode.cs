namespace ModelRunner.Abstractions.Requests;

/// <summary>The rule of a <see cref="ToolChoice"/>.</summary>
public enum ToolChoiceMode
{
    /// <summary>The model decides.</summary>
    Auto,

    /// <summary>No call.</summary>
    None,

    /// <summary>At least one call of an allowed function.</summary>
    Required,
}
