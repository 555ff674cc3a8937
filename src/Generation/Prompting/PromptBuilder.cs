using System.Runtime.InteropServices;
using System.Text.Json;
using ModelRunner.Abstractions.Engines;
using ModelRunner.Abstractions.Errors;
using ModelRunner.Abstractions.Requests;
using ModelRunner.Abstractions.Tokens;
using ModelRunner.ChatTemplates;
using Microsoft.Extensions.Logging;

namespace ModelRunner.Generation.Prompting;

/// <summary>Makes prompt tokens of what a request carries. Thread-safe.</summary>
internal sealed class PromptBuilder
{
    private readonly ITokenizer _tokenizer;
    private readonly IChatTemplate _template;
    private readonly IChatTemplate? _toolTemplate;

    /// <param name="tokenizer">The model's vocabulary.</param>
    /// <param name="info">Its templates.</param>
    /// <param name="bundle">What stands beside the model, and counts instead.</param>
    /// <param name="time">What a template that writes the date reads.</param>
    /// <param name="logger">Told what of the model's own cannot be read and is left out.</param>
    public PromptBuilder(ITokenizer tokenizer, ModelInfo info, ModelBundle bundle, TimeProvider time, ILogger logger)
    {
        var templateOverride = bundle.ChatTemplateOverride;
        _tokenizer = tokenizer;
        _template = Compile(templateOverride ?? info.ChatTemplates.GetValueOrDefault(""));
        if (templateOverride is null && info.ChatTemplates.GetValueOrDefault("tool_use") is { } toolUse)
            _toolTemplate = Compile(toolUse);

        IChatTemplate Compile(string? source)
        {
            if (string.IsNullOrEmpty(source))
                return new PlainTemplate();

            try
            {
                return new JinjaTemplate(source, tokenizer, time, bundle.ResponseTemplateOverride ?? info.ResponseTemplate);
            }
            catch (JsonException exception) when (bundle.ResponseTemplateOverride is null)
            {
                Log.ResponseTemplateIgnored(logger, info.Name, exception.Message);
                return new JinjaTemplate(source, tokenizer, time);
            }
            catch (TemplateException exception)
            {
                return new BrokenTemplate(exception.Message);
            }
            catch (JsonException exception)
            {
                return new BrokenTemplate($"The response template cannot be read: {exception.Message}");
            }
        }
    }

    /// <exception cref="InvalidRequestException">The conversation gives no prompt.</exception>
    public ChatPrompt Build(ChatRequest request)
    {
        var segments = Render(request);
        var format = TemplateOf(request).Format;
        var opening = format.Reasoning?.Open;
        var isOpen = opening is not null && segments.Count > 0 && segments[^1].Text.TrimEnd().EndsWith(opening, StringComparison.Ordinal);
        var isInCall = format.Calls is { IsBare: false } calls && segments is [.., { IsTrusted: true } last] && last.Text.EndsWith(calls.Open, StringComparison.Ordinal);
        return new ChatPrompt(Encode(segments), format, isOpen) { Written = isInCall ? format.Calls!.Open : "" };
    }

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

    private IChatTemplate TemplateOf(ChatRequest request) =>
        _toolTemplate is not null && ToolInstructions.Allowed(request).Count > 0 ? _toolTemplate : _template;

    private List<TextSegment> Render(ChatRequest request)
    {
        var segments = new List<TextSegment>();
        TemplateOf(request).Render(request, segments);
        return segments;
    }

    private int[] Encode(List<TextSegment> segments)
    {
        var tokens = _tokenizer.Encode(CollectionsMarshal.AsSpan(segments), addSpecial: true);
        return tokens.Length > 0 ? tokens : throw new InvalidRequestException("The messages have no content.", "messages");
    }
}
