using ModelRunner.Abstractions.Requests;

namespace ModelRunner.Generation.Parsing;

/// <summary>
/// Splits one answer into reasoning, content and calls while it is generated. However the text is cut into pieces, the
/// events join to the same answer: only what may still become a marker is held back. What is no call after all is
/// content.
/// </summary>
internal sealed class OutputParser
{
    private readonly OutputFormat _format;
    private readonly CallReader? _calls;
    private readonly List<OutputEvent> _events = [];
    private readonly string[] _contentMarkers;
    private readonly List<string> _sent = [];
    private string _text = "";
    private string _space = "";
    private string _half = "";
    private bool _isReasoning;
    private bool _hasReasoned;
    private bool _hasContent;
    private bool _isInCall;
    private int _sectionStart;
    private int _readLength;
    private OpenJsonText? _openText;

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
        Emit(ChatUpdateKind.Reasoning, _text[..end]);
        _text = _text[end..];
        if (at < 0)
            return false;

        _text = _text[close.Length..];
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
                _text = trimmed;
                return BeginCall(0);
            }
        }

        var (at, marker) = Markers.FindFirst(_text, _contentMarkers);
        if (marker is null)
        {
            var end = isComplete ? _text.Length : _text.Length - Markers.HeldLength(_text, _contentMarkers);
            Emit(ChatUpdateKind.Content, _text[..end]);
            _text = _text[end..];
            return false;
        }

        // A longer marker may begin at the same place, or an earlier one end behind this one.
        if (!isComplete && Markers.HeldLength(_text, _contentMarkers) is > 0 and var held && _text.Length - held <= at)
        {
            Emit(ChatUpdateKind.Content, _text[..(_text.Length - held)]);
            _text = _text[^held..];
            return false;
        }

        Emit(ChatUpdateKind.Content, _text[..at]);
        _text = _text[at..];
        if (_calls is not null && marker == _format.Calls!.Open)
        {
            if (CallCount < MaxCalls)
                return BeginCall(0);

            EmitMarker(marker);
            return true;
        }

        if (_format.Reasoning is { } reasoning && marker == reasoning.Open && !_hasReasoned && !_hasContent)
        {
            _text = _text[marker.Length..];
            _isReasoning = true;
            _space = "";
            return true;
        }

        if (_format.Noise.Contains(marker))
            _text = _text[marker.Length..];
        else
            EmitMarker(marker);

        return true;
    }

    private bool BeginCall(int at)
    {
        _isInCall = true;
        _sectionStart = at;
        _sent.Clear();
        _readLength = 0;
        _openText = null;
        return true;
    }

    private bool AdvanceCall(bool isComplete)
    {
        if (!isComplete && (IsAwaiting() || GoesOnInText()))
            return false;

        _openText = null;
        var state = _calls!.Read(_text, _sectionStart, isComplete, out var calls, out var end);
        _readLength = _text.Length;
        var isBare = _format.Calls!.IsBare;

        // Nothing of a bare call is told before it is known to be one.
        if (!isBare || state == ReadState.Fine || _sent.Count > 0 || calls.Count > 0)
            EmitCalls(calls);

        switch (state)
        {
            case ReadState.NeedsMore:
                if (calls.Count > 0 && calls.Count == _sent.Count && _text.EndsWith(_sent[^1], StringComparison.Ordinal))
                    _openText = OpenJsonText.Find(_sent[^1]);

                return false;
            case ReadState.Fine:
                _text = _text[end..];
                _isInCall = false;
                return _text.Length > 0;
            default:
                _isInCall = false;
                if (_sent.Count == 0)
                {
                    // No call: its marker is content, and what follows is looked through again.
                    _hasContent = true;
                    EmitMarker(isBare ? _text[..1] : _format.Calls.Open);
                }
                else
                {
                    var last = _sent[^1];
                    var rest = last.Length == 0 ? -1 : _text.LastIndexOf(last, StringComparison.Ordinal);
                    var from = rest >= 0 ? rest + last.Length : Math.Min(_text.Length, Math.Max(end, 1));
                    _text = isComplete && IsUnfinished(_text[from..]) ? "" : _text[from..];
                }

                return _text.Length > 0;
        }
    }

    // A section is read again as a whole when it grows, but not where that can tell nothing new.
    private bool IsAwaiting()
    {
        if (_calls!.Awaited is not { } markers || _text.Length <= _readLength)
            return false;

        foreach (var marker in markers)
            if (_text.AsSpan(Math.Max(0, _readLength - marker.Length)).Contains(marker, StringComparison.Ordinal))
                return false;

        _readLength = _text.Length;
        return true;
    }

    private bool GoesOnInText()
    {
        var more = _text.AsSpan(Math.Min(_readLength, _text.Length));
        if (_openText is null || more.IsEmpty || !_openText.TryPush(more))
            return false;

        _events.Add(new OutputEvent(ChatUpdateKind.ToolCallArguments, more.ToString(), CallCount - 1));
        _sent[^1] += more.ToString();
        _readLength = _text.Length;
        return true;
    }

    // What is left of closing markup when the model ends with a control token in its place.
    private bool IsUnfinished(string rest)
    {
        rest = rest.Trim();
        return rest.Length == 0
            || _format.Markers.Any(marker => marker.StartsWith(rest, StringComparison.Ordinal) || rest == marker);
    }

    private void EmitCalls(List<ParsedCall> calls)
    {
        for (var i = 0; i < calls.Count; i++)
        {
            if (i == _sent.Count)
            {
                if (CallCount >= MaxCalls)
                    return;

                _space = "";
                _events.Add(new OutputEvent(ChatUpdateKind.ToolCallStart, "", CallCount++, calls[i]));
                _sent.Add("");
            }

            if (i != _sent.Count - 1 && _sent[i] == calls[i].Arguments)
                continue;

            if (calls[i].Arguments.Length > _sent[i].Length && calls[i].Arguments.StartsWith(_sent[i], StringComparison.Ordinal))
            {
                _events.Add(new OutputEvent(ChatUpdateKind.ToolCallArguments, calls[i].Arguments[_sent[i].Length..], CallCount - _sent.Count + i));
                _sent[i] = calls[i].Arguments;
            }
        }
    }

    private void EmitMarker(string marker)
    {
        Emit(ChatUpdateKind.Content, _text[..marker.Length]);
        _text = _text[marker.Length..];
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
