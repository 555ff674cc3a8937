namespace ModelRunner.Tokenizers.Models;

/// <summary>Each piece is one token.</summary>
internal sealed class WordLevelModel(Vocabulary vocabulary, int unknown) : SubwordModel
{
    public override void Encode(ReadOnlySpan<char> piece, List<int> tokens)
    {
        var id = vocabulary.Find(piece);
        if (id >= 0 || unknown >= 0)
            tokens.Add(id >= 0 ? id : unknown);
    }
}
