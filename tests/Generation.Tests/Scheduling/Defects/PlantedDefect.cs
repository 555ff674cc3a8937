namespace ModelRunner.Generation.Tests.Scheduling.Defects;

/// <summary>A mistake that could be made in the scheduler: one place of its source, changed.</summary>
/// <param name="Name">What is wrong, and what a user would see.</param>
/// <param name="File">The file in <c>src/Generation/Scheduling</c>.</param>
/// <param name="Text">What stands there; exactly once.</param>
/// <param name="Replacement">What stands there instead.</param>
public sealed record PlantedDefect(string Name, string File, string Text, string Replacement)
{
    /// <inheritdoc/>
    public override string ToString() => Name;
}
