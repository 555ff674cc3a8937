using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ModelRunner.Generation.Sampling;

/// <summary>
/// The tokens still in the draw, by ascending id: logits (negative infinity is out) and, once compacted, their ids.
/// Starts on any row and never writes to it: what is kept goes to the workspace.
/// </summary>
internal ref struct Candidates(ReadOnlySpan<float> logits, SamplerWorkspace workspace)
{
    /// <summary>Compacting is scalar work for each kept candidate, blanking is vector work for every one.</summary>
    private const int CompactionRatio = 8;

    private ReadOnlySpan<int> _ids = [];

    public ReadOnlySpan<float> Logits { get; private set; } = logits;

    public readonly int Count => Logits.Length;

    /// <summary>The weights of the candidates, filled and used by whoever comes next.</summary>
    public readonly Span<float> Weights => workspace.Weights.AsSpan(0, Count);

    public readonly int TokenAt(int index) => _ids.IsEmpty ? index : _ids[index];

    /// <summary>Drops the logits, and the weights beside them, that the cut leaves out.</summary>
    public void Keep(ReadOnlySpan<float> criterion, CandidateCut cut)
    {
        if (cut.Count == Count)
        {
            return;
        }

        if (!KeepFew(criterion, cut))
        {
            Blank(criterion, cut);
        }
    }

    /// <summary>The same where so few are left that all later passes get shorter; false, and nothing done, elsewhere.</summary>
    public bool KeepFew(ReadOnlySpan<float> criterion, CandidateCut cut)
    {
        if ((long)cut.Count * CompactionRatio > Count)
        {
            return false;
        }

        Compact(criterion, cut);
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Compact(ReadOnlySpan<float> criterion, CandidateCut cut)
    {
        var vectors = MemoryMarshal.Cast<float, Vector<float>>(criterion);
        var limit = new Vector<float>(cut.Threshold);
        var kept = 0;
        for (var v = 0; v < vectors.Length; v++)
        {
            if (Vector.GreaterThanOrEqualAny(vectors[v], limit))
            {
                var start = v * Vector<float>.Count;
                kept = CompactRange(criterion, cut, start, start + Vector<float>.Count, kept);
            }
        }

        kept = CompactRange(criterion, cut, vectors.Length * Vector<float>.Count, Count, kept);
        Logits = workspace.Logits.AsSpan(0, kept);
        _ids = workspace.Ids.AsSpan(0, kept);
    }

    // In place: element `kept` is written after element `i` is read, and kept <= i.
    private readonly int CompactRange(ReadOnlySpan<float> criterion, CandidateCut cut, int start, int end, int kept)
    {
        for (var i = start; i < end; i++)
        {
            var value = criterion[i];
            if (value > cut.Threshold || (value == cut.Threshold && i <= cut.TieLimit))
            {
                workspace.Ids[kept] = TokenAt(i);
                workspace.Logits[kept] = Logits[i];
                workspace.Weights[kept] = workspace.Weights[i];
                kept++;
            }
        }

        return kept;
    }

    private void Blank(ReadOnlySpan<float> criterion, CandidateCut cut)
    {
        // Up to the tie limit what equals the threshold stays, past it only what is above.
        var tiesEnd = (int)Math.Min(cut.TieLimit + 1L, Count);
        BlankRange(criterion, cut.Threshold, 0, tiesEnd);
        BlankRange(criterion, MathF.BitIncrement(cut.Threshold), tiesEnd, Count);
        Logits = workspace.Logits.AsSpan(0, Count);
    }

    // The criterion may be the logits or the weights themselves, so it is read before either is written.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void BlankRange(ReadOnlySpan<float> criterion, float threshold, int start, int end)
    {
        var criteria = MemoryMarshal.Cast<float, Vector<float>>(criterion[start..end]);
        var sources = MemoryMarshal.Cast<float, Vector<float>>(Logits[start..end]);
        var targets = MemoryMarshal.Cast<float, Vector<float>>(workspace.Logits.AsSpan(start..end));
        var weights = MemoryMarshal.Cast<float, Vector<float>>(workspace.Weights.AsSpan(start..end));
        var limit = new Vector<float>(threshold);
        var none = new Vector<float>(float.NegativeInfinity);
        for (var v = 0; v < criteria.Length; v++)
        {
            var mask = Vector.AsVectorSingle(Vector.GreaterThanOrEqual(criteria[v], limit));
            targets[v] = Vector.ConditionalSelect(mask, sources[v], none);
            weights[v] &= mask;
        }

        for (var i = start + (criteria.Length * Vector<float>.Count); i < end; i++)
        {
            var stays = criterion[i] >= threshold;
            workspace.Logits[i] = stays ? Logits[i] : float.NegativeInfinity;
            workspace.Weights[i] = stays ? workspace.Weights[i] : 0;
        }
    }
}
