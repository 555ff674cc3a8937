using System.Text;
using ModelRunner.Abstractions.Tokens;

namespace ModelRunner.Generation.Constraints;

/// <summary>
/// A vocabulary in which some control tokens have text: the markers that the grammar of a chat's answer speaks of.
/// </summary>
/// <param name="inner">The model's vocabulary.</param>
/// <param name="visible">The control tokens that show, by their UTF-8.</param>
internal sealed class MarkerTokenizer(ITokenizer inner, IReadOnlyDictionary<int, ReadOnlyMemory<byte>> visible) : ITokenizer
{
    /// <inheritdoc/>
    public int VocabularySize => inner.VocabularySize;

    /// <inheritdoc/>
    public int BeginOfSequence => inner.BeginOfSequence;

    /// <inheritdoc/>
    public int EndOfSequence => inner.EndOfSequence;

    /// <inheritdoc/>
    /// <remarks>What a grammar forces is the model's own text: its markers become their tokens.</remarks>
    public int[] Encode(ReadOnlySpan<TextSegment> segments, bool addSpecial)
    {
        var text = new StringBuilder();
        foreach (var segment in segments)
            text.Append(segment.Text);

        return inner.Encode([TextSegment.Trusted(text.ToString())], addSpecial);
    }

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> GetBytes(int token) => visible.TryGetValue(token, out var bytes) ? bytes : inner.GetBytes(token);

    /// <inheritdoc/>
    public string GetText(int token) => inner.GetText(token);

    /// <inheritdoc/>
    public bool IsEndOfGeneration(int token) => inner.IsEndOfGeneration(token);

    /// <inheritdoc/>
    public bool IsControl(int token) => inner.IsControl(token) && !visible.ContainsKey(token);
}
