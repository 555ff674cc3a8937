using System.Runtime.InteropServices;
using ModelRunner.Abstractions.Tokens;

namespace ModelRunner.Tokenizers;

/// <summary>The tokenizer of a model folder.</summary>
internal sealed class FolderTokenizer(
    EncodingPipeline pipeline,
    TokenTable table,
    SpecialTokens special,
    int beginOfSequence,
    IReadOnlyList<int> endOfGeneration) : ITokenizer
{
    private readonly int[] _before = [.. special.Before];
    private readonly int[] _after = [.. special.After];
    private readonly HashSet<int> _ends = [.. endOfGeneration];

    public int VocabularySize => table.Size;

    public int BeginOfSequence => beginOfSequence;

    public int EndOfSequence { get; } = endOfGeneration.Count > 0 ? endOfGeneration[0] : -1;

    /// <inheritdoc/>
    public int[] Encode(ReadOnlySpan<TextSegment> segments, bool addSpecial)
    {
        var tokens = pipeline.Encode(segments);
        if (!addSpecial)
            return [.. tokens];
        var isBegun = _before.Length > 0 && CollectionsMarshal.AsSpan(tokens).StartsWith(_before);
        return isBegun ? [.. tokens, .. _after] : [.. _before, .. tokens, .. _after];
    }

    public ReadOnlyMemory<byte> GetBytes(int token) => table.GetBytes(token);

    public string GetText(int token) => table.GetText(token);

    public bool IsEndOfGeneration(int token) => _ends.Contains(token);

    public bool IsControl(int token) => table.IsControl(token);
}
