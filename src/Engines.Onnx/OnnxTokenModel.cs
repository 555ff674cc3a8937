using ModelRunner.Abstractions.Engines;
using ModelRunner.Abstractions.Errors;
using ModelRunner.Abstractions.Tokens;
using ModelRunner.Engines.Onnx.Decoding;
using ModelRunner.Engines.Onnx.Embedding;
using ModelRunner.Engines.Onnx.Runtime;

namespace ModelRunner.Engines.Onnx;

/// <summary>A decoder's graph and vocabulary.</summary>
/// <param name="handle">The graph; this owns the share.</param>
/// <param name="decoder">Its inputs and outputs.</param>
/// <param name="abilities">What it can do.</param>
/// <param name="longest">Tokens that it can place; 0 when nothing bounds them.</param>
/// <param name="info">Facts about it.</param>
/// <param name="tokenizer">Its vocabulary.</param>
internal sealed class OnnxTokenModel(
    SessionHandle handle,
    DecoderInterface decoder,
    GraphAbilities abilities,
    long longest,
    ModelInfo info,
    ITokenizer tokenizer) : ITokenModel
{
    /// <inheritdoc/>
    public ModelInfo Info => info;

    /// <inheritdoc/>
    public ITokenizer Tokenizer => tokenizer;

    /// <inheritdoc/>
    public IDecodeSession CreateSession(SessionOptions options) => CreateSession(options, abilities);

    /// <summary>Makes a session that uses these abilities of the graph: no other ones than it has.</summary>
    internal OnnxDecodeSession CreateSession(SessionOptions options, GraphAbilities used) =>
        new(handle, decoder, OnnxSessionSizes.Choose(options, decoder, info.TrainedContextLength, longest), used);

    /// <summary>What the graph was seen to do.</summary>
    internal GraphAbilities Abilities => abilities;

    /// <inheritdoc/>
    public IEmbeddingSession CreateEmbeddingSession(EmbeddingOptions options) =>
        EncoderInterface.Of(decoder) is { } encoder
            ? new OnnxEmbeddingSession(handle, encoder, info.EmbeddingLength, decoder.VocabularySize, LongestInput, options)
            : throw new ModelLoadException($"The graph of '{info.Name}' gives no hidden states, and so no embeddings.");

    private int LongestInput => OnnxSessionSizes.LongestInput(info.TrainedContextLength, longest);

    /// <inheritdoc/>
    public void Dispose() => handle.Dispose();
}
