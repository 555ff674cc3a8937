namespace ModelRunner.Export.Tokenizers;

/// <summary>
/// A ranked list of merges that joins pieces in the order in which SentencePiece does by score: the best resulting piece
/// first. Hugging Face's converter of Llama's tokenizer builds the same list.
/// </summary>
internal static class SentencePieceMerges
{
    /// <summary>
    /// Every way to cut a piece into two others, by falling score. Of the ways to make one piece the one with the longer
    /// left part comes first: SentencePiece takes the leftmost, and joins a run of one letter from the left.
    /// Control tokens are never made from pieces.
    /// </summary>
    public static IEnumerable<(string Left, string Right)> Build(IReadOnlyList<string> tokens, float[] scores, TokenType[] types)
    {
        var known = new HashSet<string>(tokens.Count, StringComparer.Ordinal);
        for (var i = 0; i < tokens.Count; i++)
            if (IsPiece(types[i]))
                known.Add(tokens[i]);

        var cuts = new List<(float Score, int LeftLength, int Token)>();
        for (var i = 0; i < tokens.Count; i++)
        {
            var text = tokens[i];
            for (var length = 1; IsPiece(types[i]) && length < text.Length; length++)
                if (!char.IsLowSurrogate(text[length]) && known.Contains(text[..length]) && known.Contains(text[length..]))
                    cuts.Add((scores[i], length, i));
        }

        return cuts
            .OrderByDescending(cut => cut.Score)
            .ThenByDescending(cut => cut.LeftLength)
            .ThenBy(cut => cut.Token)
            .Select(cut => (tokens[cut.Token][..cut.LeftLength], tokens[cut.Token][cut.LeftLength..]));
    }

    private static bool IsPiece(TokenType type) => type is not (TokenType.Control or TokenType.Unknown or TokenType.Byte);
}
