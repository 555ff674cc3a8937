using System.Runtime.InteropServices;

namespace ModelRunner.Tokenizers.PreTokenizers;

/// <summary>
/// A text and the pieces it is split into. A pre-tokenizer reads <see cref="Pieces"/>, adds the new ones, and then
/// commits them. Reused; belongs to one thread at a time.
/// </summary>
internal sealed class PieceBuffer
{
    private char[] _text = [];
    private char[] _nextText = [];
    private int _length;
    private int _nextLength;
    private List<Piece> _pieces = [];
    private List<Piece> _nextPieces = [];

    /// <summary>Scratch for the matches of a pattern.</summary>
    public List<(int Start, int End)> Matches { get; } = [];

    public ReadOnlySpan<char> Text => _text.AsSpan(0, _length);

    public ReadOnlySpan<Piece> Pieces => CollectionsMarshal.AsSpan(_pieces);

    /// <summary>Characters that it has room for.</summary>
    public int Capacity => _text.Length + _nextText.Length;

    public ReadOnlySpan<char> this[Piece piece] => _text.AsSpan(piece.Start, piece.End - piece.Start);

    /// <summary>Makes a text its only piece.</summary>
    public void Reset(ReadOnlySpan<char> text, bool isFirst)
    {
        EnsureRoom(ref _text, 0, text.Length);
        text.CopyTo(_text);
        _length = text.Length;
        _pieces.Clear();
        if (_length > 0)
            _pieces.Add(new Piece(0, _length, isFirst));
    }

    /// <summary>Adds a part of the present text, unless it is empty.</summary>
    public void Add(int start, int end, bool isFirst)
    {
        if (start < end)
            _nextPieces.Add(new Piece(start, end, isFirst));
    }

    /// <summary>Room at the end of the new text.</summary>
    public Span<char> Reserve(int length)
    {
        EnsureRoom(ref _nextText, _nextLength, length);
        return _nextText.AsSpan(_nextLength);
    }

    /// <summary>Adds a piece of so many characters of what was reserved.</summary>
    public void AddWritten(int length, bool isFirst)
    {
        Add(_nextLength, _nextLength + length, isFirst);
        _nextLength += length;
    }

    /// <summary>Goes over to the new pieces of the same text.</summary>
    public void CommitSplit()
    {
        (_pieces, _nextPieces) = (_nextPieces, _pieces);
        _nextPieces.Clear();
    }

    /// <summary>Goes over to the new pieces of the new text.</summary>
    public void CommitRewrite()
    {
        CommitSplit();
        (_text, _nextText) = (_nextText, _text);
        _length = _nextLength;
        _nextLength = 0;
    }

    private static void EnsureRoom(ref char[] text, int length, int more)
    {
        if (text.Length - length < more)
            Array.Resize(ref text, Math.Max(length + more, Math.Min(text.Length * 2, Array.MaxLength)));
    }
}
