namespace ModelRunner.ChatTemplates;

/// <summary>
/// What one rendering may take. Counts, not clocks: the same template and values always end the same way.
/// </summary>
/// <param name="Steps">Evaluated operations, with 128 bytes of text work counting as one.</param>
/// <param name="OutputSizeInBytes">UTF-8 bytes of the prompt.</param>
/// <param name="Depth">Nested macro calls, nested values and nested syntax.</param>
public sealed record TemplateLimits(int Steps = 1_000_000, int OutputSizeInBytes = 16 << 20, int Depth = 64)
{
    /// <summary>A million steps, 16 MiB, 64 deep.</summary>
    public static TemplateLimits Default { get; } = new();
}
