using System.Numerics.Tensors;
using ModelRunner.Abstractions.Tokens;
using ModelRunner.Testing;

namespace ModelRunner.Engines.LlamaCpp.Tests;

/// <summary>Moves between streams on the library itself.</summary>
public sealed class LlamaStreamTests
{
    private const int Count = 6;

    private readonly DecodeBatch _batch = new(512, 64);

    /// <summary>
    /// Three of six sequences run, in an order that is not that of their streams, until they were moved together; then
    /// all six go on. Each has the logits that it has alone.
    /// </summary>
    [Fact]
    public void Decode_ScatteredSequences_GiveTheLogitsOfEachAlone()
    {
        using var model = LoadedModel.Load(FixtureModels.Tiny);
        using var session = model.CreateSession(LoadedModel.Options(Count, 64) with { Deterministic = true });
        using var alone = model.CreateSession(LoadedModel.Options(1, 64) with { Deterministic = true });
        var tokens = new List<int>[Count];
        for (var sequence = 0; sequence < Count; sequence++)
        {
            tokens[sequence] = [.. Enumerable.Range(0, 5 + sequence).Select(i => 10 + (sequence * 31) + i)];
            session.Decode(_batch, sequence, [.. tokens[sequence]], LogitRows.None);
        }

        for (var step = 0; step < 12; step++)
            Step(session, alone, tokens, [5, 0, 2], 40 + step);

        Step(session, alone, tokens, [3, 5, 0, 4, 1, 2], 90);
        session.Release(5);
        session.Release(3);
        Assert.True(session.TryCopyPrefix(1, 3, 4));
        Step(session, alone, [tokens[0], tokens[1], tokens[2], tokens[1][..4]], [3, 1, 0], 91);
    }

    private void Step(IDecodeSession session, IDecodeSession alone, List<int>[] tokens, int[] sequences, int token)
    {
        _batch.Clear();
        var rows = sequences.Select(sequence => _batch.Add(sequence, session.GetLength(sequence), [token], LogitRows.Last)).ToArray();
        Assert.Equal(DecodeStatus.Ok, session.Decode(_batch));
        var together = rows.Select(row => session.GetLogits(row).ToArray()).ToArray();
        for (var i = 0; i < sequences.Length; i++)
        {
            tokens[sequences[i]].Add(token);
            alone.Release(0);
            alone.Decode(_batch, 0, [.. tokens[sequences[i]]], LogitRows.Last);
            Assert.InRange(TensorPrimitives.Distance(alone.GetLogits(0), together[i]), 0, 1e-3f);
        }
    }
}
