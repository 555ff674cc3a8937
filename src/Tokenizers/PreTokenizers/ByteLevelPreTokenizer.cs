using ModelRunner.Tokenizers.Patterns;

namespace ModelRunner.Tokenizers.PreTokenizers;

/// <summary>GPT-2's: splits by its pattern, and writes bytes in the <see cref="ByteAlphabet"/>.</summary>
internal sealed class ByteLevelPreTokenizer(bool addPrefixSpace, bool usePattern) : PreTokenizer
{
    private const string Gpt2Pattern = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    private static readonly Lazy<PreTokenizer> Split =
        new(() => new Splitter.OnPattern(new Pattern(Gpt2Pattern), SplitBehavior.Isolated, invert: false));

    public override void Apply(PieceBuffer buffer)
    {
        if (addPrefixSpace)
            Prefix(buffer);
        if (usePattern)
            Split.Value.Apply(buffer);

        foreach (var piece in buffer.Pieces)
        {
            var text = buffer[piece];
            buffer.AddWritten(ByteAlphabet.Encode(text, buffer.Reserve(text.Length * 3)), piece.IsFirst);
        }

        buffer.CommitRewrite();
    }

    private static void Prefix(PieceBuffer buffer)
    {
        foreach (var piece in buffer.Pieces)
        {
            var text = buffer[piece];
            var prefix = text[0] == ' ' ? "" : " ";
            var target = buffer.Reserve(text.Length + prefix.Length);
            prefix.CopyTo(target);
            text.CopyTo(target[prefix.Length..]);
            buffer.AddWritten(text.Length + prefix.Length, piece.IsFirst);
        }

        buffer.CommitRewrite();
    }
}
