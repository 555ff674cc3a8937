using System.Buffers;

namespace ModelRunner.Generation.Text;

/// <summary>
/// One sequence's output text: joins token bytes into whole characters, and withholds what may be the start of a stop
/// string. Token bytes pass through without a copy wherever nothing is withheld.
/// </summary>
public sealed class OutputText(StopStrings stops)
{
    // The end of the text that may begin a stop string: [0, _heldLength).
    private readonly byte[] _held = stops.IsEmpty ? [] : new byte[stops.MaxLength];
    private CharacterAssembler _characters;
    private int _heldLength;
    private int _state;
    private bool _isStopped;

    public OutputText(IReadOnlyList<string> stops)
        : this(stops.Count == 0 ? StopStrings.None : new StopStrings(stops))
    {
    }

    /// <summary>Adds a token's bytes.</summary>
    /// <param name="tokenBytes">Never written, and living as long as the pieces: they may share its memory.</param>
    /// <param name="canStop">
    /// False while stop strings do not count yet: those that end in this token are text. One that ends in a later
    /// token counts, wherever it begins.
    /// </param>
    /// <param name="piece">What is released now; may be empty. Never half a character nor any of a stop string.</param>
    /// <returns>
    /// True when a stop string is complete: the piece is the text before it, and nothing more may be pushed. The
    /// one that ends first counts; of those the longest.
    /// </returns>
    public bool Push(ReadOnlyMemory<byte> tokenBytes, bool canStop, out TextPiece piece)
    {
        if (_isStopped)
        {
            throw new InvalidOperationException("The text has ended with a stop string.");
        }

        var text = _characters.Add(tokenBytes);
        if (stops.IsEmpty || text.Memory.IsEmpty)
        {
            piece = text;
            return false;
        }

        var length = stops.Read(ref _state, text.Memory.Span, canStop, out var matchLength);
        _isStopped = matchLength > 0;
        var withheld = _isStopped ? 0 : stops.Withheld(_state);
        piece = Release(text, _heldLength + length - matchLength - withheld, withheld);
        return _isStopped;
    }

    /// <summary>The end: everything withheld, an unfinished character as U+FFFD; empty after a stop string.</summary>
    public TextPiece Finish()
    {
        var rest = _isStopped ? default : _characters.Finish();
        return Release(rest, _heldLength + rest.Memory.Length, 0);
    }

    /// <summary>
    /// Of the held bytes followed by the text, releases [0, released) and holds [released, released + withheld).
    /// </summary>
    private TextPiece Release(TextPiece text, int released, int withheld)
    {
        var span = text.Memory.Span;
        if (_heldLength == 0 && released > 0)
        {
            span.Slice(released, withheld).CopyTo(_held);
            _heldLength = withheld;
            return text.First(released);
        }

        var piece = default(TextPiece);
        if (released > 0)
        {
            var buffer = ArrayPool<byte>.Shared.Rent(released);
            var fromHeld = Math.Min(released, _heldLength);
            _held.AsSpan(0, fromHeld).CopyTo(buffer);
            span[..(released - fromHeld)].CopyTo(buffer.AsSpan(fromHeld));
            piece = TextPiece.Rented(buffer, released);
        }

        // What stays held moves to the front, then comes what is new of the text.
        var kept = Math.Min(Math.Max(0, _heldLength - released), withheld);
        _held.AsSpan(_heldLength - Math.Max(kept, 0), kept).CopyTo(_held);
        var start = Math.Max(0, released - _heldLength);
        span.Slice(start, withheld - kept).CopyTo(_held.AsSpan(kept));
        _heldLength = withheld;
        text.Return();
        return piece;
    }
}
