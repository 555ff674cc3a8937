using ModelRunner.Abstractions.Requests;
using ModelRunner.Abstractions.Tokens;

namespace ModelRunner.Generation.Prompting;

/// <summary>ChatML: each message between <c>&lt;|im_start|&gt;</c> with its role and <c>&lt;|im_end|&gt;</c>.</summary>
internal sealed class ChatMlTemplate : IChatTemplate
{
    public const string Start = "<|im_start|>";
    private const string End = "<|im_end|>\n";

    /// <inheritdoc/>
    public void Render(ChatRequest request, List<TextSegment> segments)
    {
        foreach (var message in request.Messages)
        {
            // A developer message is what a system message was called before; ChatML models know the older name.
            var role = message.Role == "developer" ? "system" : message.Role;
            segments.Add(TextSegment.Trusted($"{Start}{role}\n"));
            segments.Add(TextSegment.Input(message.Content ?? ""));
            segments.Add(TextSegment.Trusted(End));
        }

        segments.Add(TextSegment.Trusted($"{Start}assistant\n"));
    }
}
