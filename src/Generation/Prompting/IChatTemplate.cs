using ModelRunner.Abstractions.Requests;
using ModelRunner.Abstractions.Tokens;
using ModelRunner.Generation.Parsing;

namespace ModelRunner.Generation.Prompting;

/// <summary>Turns a conversation into a model's prompt. Thread-safe, immutable: compiled once for each model.</summary>
internal interface IChatTemplate
{
    /// <summary>How the model writes its answers.</summary>
    OutputFormat Format { get; }

    /// <summary>
    /// Appends the prompt's pieces: the template's own text is trusted, everything that came with the request is
    /// input.
    /// </summary>
    /// <param name="request">The conversation.</param>
    /// <param name="segments">Receives the pieces, in order.</param>
    /// <exception cref="Abstractions.Errors.InvalidRequestException">The template refuses the conversation.</exception>
    void Render(ChatRequest request, List<TextSegment> segments);
}
