using System.Runtime.InteropServices;
using ModelRunner.Abstractions.Engines;
using ModelRunner.Abstractions.Errors;
using ModelRunner.Abstractions.Requests;
using ModelRunner.Abstractions.Tokens;

namespace ModelRunner.Generation.Prompting;

/// <summary>Makes prompt tokens of what a request carries. Thread-safe.</summary>
internal sealed class PromptBuilder
{
    private readonly ITokenizer _tokenizer;
    private readonly IChatTemplate _template;

    public PromptBuilder(ITokenizer tokenizer, ModelInfo info, string? templateOverride)
    {
        _tokenizer = tokenizer;
        var source = templateOverride ?? info.ChatTemplates.GetValueOrDefault("") ?? "";
        _template = source.Contains(ChatMlTemplate.Start, StringComparison.Ordinal)
            ? new ChatMlTemplate()
            : new PlainTemplate();
    }

    /// <exception cref="InvalidRequestException">The conversation gives no prompt.</exception>
    public int[] Build(ChatRequest request) => Encode(Render(request));

    public RenderedPrompt Show(ChatRequest request)
    {
        var segments = Render(request);
        return new RenderedPrompt(string.Concat(segments.Select(segment => segment.Text)), Encode(segments));
    }

    /// <exception cref="InvalidRequestException">The prompt is empty.</exception>
    public int[] Build(PromptInput prompt)
    {
        // A client that completes plain text may write the model's markers into it: they count.
        int[] tokens = prompt.Tokens is { } given
            ? [.. given]
            : _tokenizer.Encode([TextSegment.Trusted(prompt.Text ?? "")], addSpecial: true);
        if (tokens.Length > 0)
            return tokens;

        // OpenAI's default prompt is the end-of-text token: a model that begins with nothing gets one token at least.
        var first = _tokenizer.BeginOfSequence >= 0 ? _tokenizer.BeginOfSequence : _tokenizer.EndOfSequence;
        return first >= 0 ? [first] : throw new InvalidRequestException("The prompt is empty.", "prompt");
    }

    private List<TextSegment> Render(ChatRequest request)
    {
        var segments = new List<TextSegment>();
        _template.Render(request, segments);
        return segments;
    }

    private int[] Encode(List<TextSegment> segments)
    {
        var tokens = _tokenizer.Encode(CollectionsMarshal.AsSpan(segments), addSpecial: true);
        return tokens.Length > 0 ? tokens : throw new InvalidRequestException("The messages have no content.", "messages");
    }
}
