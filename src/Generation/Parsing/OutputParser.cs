using ModelRunner.Abstractions.Requests;

namespace ModelRunner.Generation.Parsing;

/// <summary>
/// Splits one answer into reasoning, content and calls while it is generated. However the text is cut into pieces, the
/// events join to the same answer: only what may still become a marker is held back. What is no call after all is
/// content.
/// </summary>
internal sealed partial class OutputParser
{
    private readonly OutputFormat _format;
    private readonly CallReader? _calls;
    private readonly List<OutputEvent> _events = [];
    private readonly string[] _contentMarkers;
    private string _text = "";
    private string _space = "";
    private string _half = "";
    private int _writtenLength;
    private bool _isReasoning;
    private bool _hasReasoned;
    private bool _hasContent;

    /// <param name="format">How the model writes.</param>
    /// <param name="tools">The tools that may be called; none when the output is not looked through for calls.</param>
    /// <param name="startsInReasoning">Whether the prompt opened the reasoning.</param>
    /// <param name="maxCalls">Calls after which the rest is content; 1 without parallel calls.</param>
    public OutputParser(OutputFormat format, IReadOnlyList<ChatTool> tools, bool startsInReasoning, int maxCalls = int.MaxValue)
    {
        _format = format;
        _calls = tools.Count > 0 && format.Calls is not null ? new CallReader(format.Calls, new ToolTypes(tools)) : null;
        _isReasoning = startsInReasoning && format.Reasoning is not null;
        MaxCalls = maxCalls;
        _contentMarkers = [.. format.Noise.Concat(Openings()).Where(static marker => marker.Length > 0)];

        IEnumerable<string> Openings()
        {
            if (format.Reasoning is { } reasoning)
            {
                yield return reasoning.Open;
                yield return reasoning.Close;
            }

            if (_calls is not null && !format.Calls!.IsBare)
                yield return format.Calls.Open;
        }
    }

    /// <summary>Whether tokens that come now are reasoning.</summary>
    public bool IsReasoning => _isReasoning;

    /// <summary>Calls so far.</summary>
    public int CallCount { get; private set; }

    private int MaxCalls { get; }

    /// <summary>Begins with text that the prompt has: it is read as the answer's, and never told as that.</summary>
    public void Begin(string written)
    {
        _writtenLength = written.Length;
        Push(written);
    }

    /// <summary>Adds text; the events are valid until the next call.</summary>
    public IReadOnlyList<OutputEvent> Push(string text)
    {
        _events.Clear();
        text = _half + text;
        _half = text.Length > 0 && char.IsHighSurrogate(text[^1]) ? text[^1..] : "";
        _text += text[..^_half.Length];
        Advance(isComplete: false);
        return _events;
    }

    /// <summary>The end: everything held back.</summary>
    public IReadOnlyList<OutputEvent> Finish()
    {
        _events.Clear();
        _text += _half;
        _half = "";
        Advance(isComplete: true);
        if (_space.Length > 0 && !_isReasoning && CallCount == 0 && (_hasContent || !_hasReasoned))
            _events.Add(new OutputEvent(ChatUpdateKind.Content, _space));

        return _events;
    }

    private void Advance(bool isComplete)
    {
        while (_isInCall ? AdvanceCall(isComplete) : _isReasoning ? AdvanceReasoning(isComplete) : AdvanceContent(isComplete))
        {
        }
    }

    private bool AdvanceReasoning(bool isComplete)
    {
        var close = _format.Reasoning!.Close;
        var at = _text.IndexOf(close, StringComparison.Ordinal);
        var end = at >= 0 ? at : isComplete ? _text.Length : _text.Length - Markers.HeldLength(_text, [close]);
        Emit(ChatUpdateKind.Reasoning, Take(end));
        if (at < 0)
            return false;

        Take(close.Length);
        _isReasoning = false;
        _hasReasoned = true;
        _space = "";
        _hasContent = false;
        return true;
    }

    private bool AdvanceContent(bool isComplete)
    {
        if (_calls is not null && _format.Calls!.IsBare && !_hasContent && CallCount < MaxCalls)
        {
            var trimmed = _text.TrimStart();
            if (trimmed.StartsWith(_format.Calls.Open, StringComparison.Ordinal))
            {
                Take(_text.Length - trimmed.Length);
                return BeginCall();
            }
        }

        var (at, marker) = Markers.FindFirst(_text, _contentMarkers);
        if (marker is null)
        {
            var end = isComplete ? _text.Length : _text.Length - Markers.HeldLength(_text, _contentMarkers);
            Emit(ChatUpdateKind.Content, Take(end));
            return false;
        }

        // A longer marker may begin at the same place, or an earlier one end behind this one.
        if (!isComplete && Markers.HeldLength(_text, _contentMarkers) is > 0 and var held && _text.Length - held <= at)
        {
            Emit(ChatUpdateKind.Content, Take(_text.Length - held));
            return false;
        }

        Emit(ChatUpdateKind.Content, Take(at));
        if (_calls is not null && marker == _format.Calls!.Open)
        {
            if (CallCount < MaxCalls)
                return BeginCall();

            EmitMarker(marker);
            return true;
        }

        if (_format.Reasoning is { } reasoning && marker == reasoning.Open && !_hasReasoned && !_hasContent)
        {
            Take(marker.Length);
            _isReasoning = true;
            _space = "";
            return true;
        }

        if (_format.Noise.Contains(marker))
            Take(marker.Length);
        else
            EmitMarker(marker);

        return true;
    }

    private void EmitMarker(string marker) => Emit(ChatUpdateKind.Content, Take(marker.Length));

    /// <summary>Takes text off the front; gives it without what the prompt has of it.</summary>
    private string Take(int length)
    {
        var taken = _text[Math.Min(_writtenLength, length)..length];
        _text = _text[length..];
        _writtenLength = Math.Max(0, _writtenLength - length);
        return taken;
    }

    // White space at the edges of reasoning, and beside calls, belongs to the markup: it goes out with what follows it.
    private void Emit(ChatUpdateKind kind, string text)
    {
        if (text.Length == 0)
            return;

        var keepsSpace = _calls is null && _format.Reasoning is null;
        if (keepsSpace)
        {
            _events.Add(new OutputEvent(kind, text));
            return;
        }

        var isFirst = kind == ChatUpdateKind.Content ? !_hasContent && (_hasReasoned || _calls is not null || _format.Noise.Count > 0) : !_hasContent;
        var trimmed = text.TrimEnd();
        if (trimmed.Length == 0)
        {
            _space += text;
            return;
        }

        var whole = _space + trimmed;
        _space = text[trimmed.Length..];
        if (isFirst)
            whole = whole.TrimStart();

        _hasContent = true;
        _events.Add(new OutputEvent(kind, whole));
    }
}
