using ModelRunner.Abstractions.Tokens;

namespace ModelRunner.Engines.Onnx.Embedding;

/// <summary>Divides the inputs of a batch into launches, so that padding never costs more than the inputs themselves. Pure.</summary>
internal static class LengthGroups
{
    /// <summary>The inputs of each launch, by rising length.</summary>
    /// <param name="batch">The inputs.</param>
    /// <param name="canBatch">Whether inputs may share a launch at all.</param>
    public static List<List<int>> Make(EmbeddingBatch batch, bool canBatch)
    {
        var groups = new List<List<int>>();
        var tokens = 0;
        foreach (var input in Enumerable.Range(0, batch.Count).OrderBy(index => batch[index].Length))
        {
            var length = batch[input].Length;
            if (!canBatch || groups.Count == 0 || (groups[^1].Count + 1) * length > 2 * (tokens + length))
            {
                groups.Add([]);
                tokens = 0;
            }

            groups[^1].Add(input);
            tokens += length;
        }

        return groups;
    }
}
