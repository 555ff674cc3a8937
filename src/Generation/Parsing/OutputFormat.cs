namespace ModelRunner.Generation.Parsing;

/// <summary>How a model's answers are written: plain data, from which the parser is made.</summary>
internal sealed record OutputFormat
{
    /// <summary>All text is content.</summary>
    public static OutputFormat Plain { get; } = new();

    /// <summary>Reasoning before the answer; null without.</summary>
    public ReasoningFormat? Reasoning { get; init; }

    /// <summary>Calls of tools; null without.</summary>
    public CallFormat? Calls { get; init; }

    /// <summary>Markers that are no part of the content.</summary>
    public IReadOnlyList<string> Noise { get; init; } = [];

    /// <summary>Everything that has a meaning: what must stay visible where it is a control token.</summary>
    public IEnumerable<string> Markers
    {
        get
        {
            IEnumerable<string> markers = [.. Noise, Reasoning?.Open ?? "", Reasoning?.Close ?? ""];
            if (Calls is { } calls)
            {
                markers = markers.Concat(
                [
                    calls.Open, calls.Close, calls.CallOpen, calls.CallClose, calls.IdOpen, calls.ParameterOpen, calls.KeyEnd,
                    calls.ValueOpen, calls.ValueClose, calls.Fence.Open, calls.Fence.Close, calls.NameSuffix, calls.TextQuote, .. calls.NameEnds,
                ]);
            }

            return markers.Where(marker => marker.Length > 0);
        }
    }
}
