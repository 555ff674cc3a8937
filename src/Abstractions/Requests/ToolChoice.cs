namespace ModelRunner.Abstractions.Requests;

/// <summary>Which tools the model may or must call.</summary>
/// <param name="Mode">The rule.</param>
/// <param name="AllowedNames">The functions the rule speaks of; empty means all.</param>
public sealed record ToolChoice(ToolChoiceMode Mode, IReadOnlyList<string> AllowedNames)
{
    /// <summary>The model decides: the default when tools are given.</summary>
    public static ToolChoice Auto { get; } = new(ToolChoiceMode.Auto, []);
}
