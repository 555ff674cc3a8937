using ModelRunner.Abstractions.Engines;
using ModelRunner.Engines.Onnx;
using ModelRunner.Gguf;

namespace ModelRunner.Server.Composition;

/// <summary>Reads what listings show of a model from its header.</summary>
internal static class ModelHeaders
{
    /// <summary>The facts, or null where the file has no readable header: such a model is listed all the same.</summary>
    public static ModelSummary? ReadSummary(ModelBundle bundle)
    {
        if (bundle.GgufPath is null)
            return bundle.OnnxFolder is { } folder ? OnnxModelLoader.ReadSummary(folder) : null;

        try
        {
            var facts = GgufModelFacts.From(GgufFile.Read(bundle.GgufPath));
            var contextLength = (int)Math.Clamp(facts.ContextLength ?? 0, 0, int.MaxValue);
            return new ModelSummary(facts.Architecture, facts.ParameterCount, facts.Quantization, contextLength);
        }
        catch (Exception exception) when (exception is GgufException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
