using ModelRunner.Abstractions.Engines;
using ModelRunner.Abstractions.Errors;
using ModelRunner.Abstractions.Tokens;
using ModelRunner.Engines.Onnx.Runtime;

namespace ModelRunner.Engines.Onnx.Embedding;

/// <summary>An encoder's graph and vocabulary.</summary>
/// <param name="handle">The graph; this owns the share.</param>
/// <param name="encoder">Its inputs and output.</param>
/// <param name="info">Facts about it.</param>
/// <param name="tokenizer">Its vocabulary.</param>
internal sealed class OnnxEncoderModel(SessionHandle handle, EncoderInterface encoder, ModelInfo info, ITokenizer tokenizer) : ITokenModel
{
    /// <inheritdoc/>
    public ModelInfo Info => info;

    /// <inheritdoc/>
    public ITokenizer Tokenizer => tokenizer;

    /// <inheritdoc/>
    public IDecodeSession CreateSession(SessionOptions options) =>
        throw new ModelLoadException($"'{info.Name}' is an encoder: it gives embeddings, and no text.");

    /// <inheritdoc/>
    public IEmbeddingSession CreateEmbeddingSession(EmbeddingOptions options) => new OnnxEmbeddingSession(
        handle, encoder, info.EmbeddingLength, tokenizer.VocabularySize, info.TrainedContextLength, options);

    /// <inheritdoc/>
    public void Dispose() => handle.Dispose();
}
