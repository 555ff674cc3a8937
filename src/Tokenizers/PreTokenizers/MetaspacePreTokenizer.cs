namespace ModelRunner.Tokenizers.PreTokenizers;

/// <summary>Where <see cref="MetaspacePreTokenizer"/> puts its sign before a text.</summary>
internal enum PrependScheme
{
    /// <summary>Nowhere.</summary>
    Never,

    /// <summary>Where the whole text begins.</summary>
    First,

    /// <summary>Before every piece.</summary>
    Always,
}

/// <summary>SentencePiece's: writes spaces as a sign, and splits before it.</summary>
internal sealed class MetaspacePreTokenizer(char sign, PrependScheme scheme, bool split) : PreTokenizer
{
    private readonly Splitter.OnText _splitter = new(sign.ToString(), SplitBehavior.MergedWithNext, invert: false);

    public override void Apply(PieceBuffer buffer)
    {
        foreach (var piece in buffer.Pieces)
        {
            var text = buffer[piece];
            var isPrefixed = text[0] != sign && text[0] != ' '
                && (scheme == PrependScheme.Always || (scheme == PrependScheme.First && piece.IsFirst));
            var target = buffer.Reserve(text.Length + 1);
            if (isPrefixed)
                target[0] = sign;
            text.Replace(target[(isPrefixed ? 1 : 0)..], ' ', sign);
            buffer.AddWritten(text.Length + (isPrefixed ? 1 : 0), piece.IsFirst);
        }

        buffer.CommitRewrite();
        if (split)
            _splitter.Apply(buffer);
    }
}
