using ModelRunner.Abstractions.Tokens;

namespace ModelRunner.ChatTemplates;

/// <summary>What a template wrote.</summary>
/// <param name="Segments">The text in pieces: the template's own is trusted, what came with the request is input.</param>
public sealed record RenderedTemplate(IReadOnlyList<TextSegment> Segments)
{
    /// <summary>The whole text.</summary>
    public string Text => Segments.Count == 1 ? Segments[0].Text : string.Concat(Segments.Select(segment => segment.Text));
}
