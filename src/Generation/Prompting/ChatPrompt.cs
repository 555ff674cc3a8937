using ModelRunner.Generation.Parsing;

namespace ModelRunner.Generation.Prompting;

/// <summary>A prompt, and how the answer to it is written.</summary>
/// <param name="Tokens">What the model reads.</param>
/// <param name="Format">How it writes.</param>
/// <param name="OpensReasoning">Whether the prompt ends inside the reasoning.</param>
internal sealed record ChatPrompt(int[] Tokens, OutputFormat Format, bool OpensReasoning);
