using System.Buffers;
using ModelRunner.Abstractions.Tokens;
using ModelRunner.ChatTemplates.Values;

namespace ModelRunner.ChatTemplates.Compilation;

/// <summary>Joins texts and keeps which of their characters are input.</summary>
internal sealed class TextBuilder
{
    private readonly List<int> _marks = [];
    private char[] _characters = [];

    public int Length { get; private set; }

    private bool EndsInInput => (_marks.Count & 1) == 1;

    public void Append(TextValue text) => Append(text.Text, text.Marks);

    /// <summary>A text of the template's own.</summary>
    public void Append(ReadOnlySpan<char> text) => Append(text, TextMarks.Trusted);

    public void Append(char character) => Append(new ReadOnlySpan<char>(in character), TextMarks.Trusted);

    public void Append(ReadOnlySpan<char> text, int[] marks)
    {
        if (text.IsEmpty)
            return;

        if (_characters.Length - Length < text.Length)
            Grow(text.Length);

        text.CopyTo(_characters.AsSpan(Length));
        var isInput = marks.Length > 0 && marks[0] == 0;
        if (isInput != EndsInInput)
            _marks.Add(Length);

        for (var i = isInput ? 1 : 0; i < marks.Length; i++)
            if (marks[i] < text.Length)
                _marks.Add(Length + marks[i]);

        Length += text.Length;
    }

    public TextValue ToText()
    {
        var text = Length == 0 ? TextValue.Empty : new TextValue(new string(_characters, 0, Length), _marks.Count == 0 ? TextMarks.Trusted : [.. _marks]);
        Release();
        return text;
    }

    public List<TextSegment> ToSegments()
    {
        var segments = new List<TextSegment>(_marks.Count + 1);
        var start = 0;
        for (var i = 0; i <= _marks.Count; i++)
        {
            var end = i < _marks.Count ? _marks[i] : Length;
            if (end > start)
                segments.Add(new TextSegment(new string(_characters, start, end - start), IsTrusted: (i & 1) == 0));

            start = end;
        }

        return segments;
    }

    public int CountUtf8() => System.Text.Encoding.UTF8.GetByteCount(_characters, 0, Length);

    public void Release()
    {
        if (_characters.Length > 0)
            ArrayPool<char>.Shared.Return(_characters);

        _characters = [];
        Length = 0;
    }

    private void Grow(int more)
    {
        var larger = ArrayPool<char>.Shared.Rent(Math.Max(Length + more, Math.Max(256, Length * 2)));
        _characters.AsSpan(0, Length).CopyTo(larger);
        if (_characters.Length > 0)
            ArrayPool<char>.Shared.Return(_characters);

        _characters = larger;
    }
}
