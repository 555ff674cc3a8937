using ModelRunner.Abstractions.Requests;
using ModelRunner.Abstractions.Tokens;

namespace ModelRunner.Generation.Prompting;

/// <summary>The rule for base models: the contents joined by blank lines, with no markup.</summary>
internal sealed class PlainTemplate : IChatTemplate
{
    /// <inheritdoc/>
    public void Render(ChatRequest request, List<TextSegment> segments)
    {
        foreach (var message in request.Messages)
        {
            if (string.IsNullOrEmpty(message.Content))
                continue;

            if (segments.Count > 0)
                segments.Add(TextSegment.Trusted("\n\n"));

            segments.Add(TextSegment.Input(message.Content));
        }
    }
}
