namespace ModelRunner.Tokenizers.Models;

/// <summary>BERT's: the longest token at each place of a word, or one unknown token for all of it.</summary>
internal sealed class WordPieceModel(Vocabulary vocabulary, int unknown, string prefix, int maximumLength) : SubwordModel
{
    private readonly int _longest = vocabulary.Ids.Keys.Select(text => text.Length).DefaultIfEmpty().Max();

    public override void Encode(ReadOnlySpan<char> piece, List<int> tokens)
    {
        var first = tokens.Count;
        var isWord = Count(piece) <= maximumLength;
        Span<char> text = stackalloc char[Math.Min(_longest, 512)];
        for (var start = 0; isWord && start < piece.Length;)
        {
            var before = start == 0 ? 0 : prefix.Length;
            prefix.AsSpan(0, Math.Min(before, text.Length)).CopyTo(text);
            var length = Math.Max(Math.Min(piece.Length - start, text.Length - before), 0);
            piece.Slice(start, length).CopyTo(text[Math.Min(before, text.Length)..]);

            var id = -1;
            for (; length > 0 && (id = vocabulary.Find(text[..(before + length)])) < 0; length--)
            {
            }

            isWord = id >= 0;
            tokens.Add(id);
            start += length;
        }

        if (isWord)
            return;
        tokens.RemoveRange(first, tokens.Count - first);
        if (unknown >= 0)
            tokens.Add(unknown);
    }

    private static int Count(ReadOnlySpan<char> text)
    {
        var count = text.Length;
        foreach (var unit in text)
            if (char.IsLowSurrogate(unit))
                count--;
        return count;
    }
}
