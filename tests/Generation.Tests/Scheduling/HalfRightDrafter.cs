using ModelRunner.Generation.Scheduling;
using ModelRunner.Testing;

namespace ModelRunner.Generation.Tests.Scheduling;

/// <summary>Knows the model, and lies about half of the time.</summary>
internal sealed class HalfRightDrafter(Random random, int vocabularySize) : ITokenDrafter
{
    public int Draft(ReadOnlySpan<int> tokens, Span<int> drafts)
    {
        var history = tokens.ToArray().ToList();
        var logits = new float[vocabularySize];
        var count = random.Next(drafts.Length + 1);
        for (var i = 0; i < count; i++)
        {
            ScriptedDecodeSession.FillLogits(history.ToArray(), logits);
            var best = Array.IndexOf(logits, logits.Max());
            drafts[i] = random.Next(2) == 0 ? best : random.Next(vocabularySize);
            history.Add(drafts[i]);
        }

        return count;
    }
}
