using ModelRunner.Gguf;

namespace ModelRunner.Engines.LlamaCpp;

/// <summary>What the KV cache of a model depends on.</summary>
/// <param name="ElementsPerToken">Key and value elements of one token over all layers.</param>
/// <param name="HeadCount">Query heads of a layer.</param>
/// <param name="TrainedLength">Tokens that the model was trained for, or 0 when it does not say.</param>
internal readonly record struct KvShape(long ElementsPerToken, long HeadCount, int TrainedLength)
{
    public static KvShape From(GgufModelFacts facts) => new(
        (facts.LayerCount ?? 0) * (facts.KvHeadCount ?? 0) * ((facts.KeyLength ?? 0) + (facts.ValueLength ?? 0)),
        facts.HeadCount ?? 0,
        (int)Math.Clamp(facts.ContextLength ?? 0, 0, int.MaxValue));
}
