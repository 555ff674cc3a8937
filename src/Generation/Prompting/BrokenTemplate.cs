using ModelRunner.Abstractions.Errors;
using ModelRunner.Abstractions.Requests;
using ModelRunner.Abstractions.Tokens;
using ModelRunner.Generation.Parsing;

namespace ModelRunner.Generation.Prompting;

/// <summary>A template that does not compile: the model loads and completes text, and chat says what is wrong.</summary>
internal sealed class BrokenTemplate(string message) : IChatTemplate
{
    /// <inheritdoc/>
    public OutputFormat Format => OutputFormat.Plain;

    /// <inheritdoc/>
    public void Render(ChatRequest request, List<TextSegment> segments) =>
        throw new InvalidRequestException($"The model's chat template is broken: {message}", "model");
}
