using ModelRunner.Abstractions.Requests;

namespace ModelRunner.Generation.Parsing;

// Calls: from the marker that opens them to what stands behind them.
internal sealed partial class OutputParser
{
    private readonly List<string> _sent = [];
    private bool _isInCall;
    private int _readLength;
    private OpenJsonText? _openText;

    private bool BeginCall()
    {
        _isInCall = true;
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
        var state = _calls!.Read(_text, 0, isComplete, out var calls, out var end);
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
                Take(end);
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
                    Take(isComplete && IsUnfinished(_text[from..]) ? _text.Length : from);
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
}
