using ModelRunner.Generation.Parsing;

namespace ModelRunner.Generation.Prompting;

/// <summary>A prompt, and how the answer to it is written.</summary>
/// <param name="Tokens">What the model reads.</param>
/// <param name="Format">How it writes.</param>
/// <param name="OpensReasoning">Whether the prompt ends inside the reasoning.</param>
internal sealed record ChatPrompt(int[] Tokens, OutputFormat Format, bool OpensReasoning)
{
    /// <summary>Marker of the answer that the prompt ends with, as Functionary's does: the answer is read as if it began with it, and told without it.</summary>
    public string Written { get; init; } = "";
}
