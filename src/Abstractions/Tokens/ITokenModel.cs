using ModelRunner.Abstractions.Engines;
using ModelRunner.Abstractions.Errors;

namespace ModelRunner.Abstractions.Tokens;

/// <summary>
/// Weights and vocabulary of a local model. Sessions hold a reference, so that disposing the model first is safe:
/// the memory goes with the last of them.
/// </summary>
public interface ITokenModel : IDisposable
{
    /// <summary>Facts about the model.</summary>
    ModelInfo Info { get; }

    /// <summary>The vocabulary; lives as long as the model.</summary>
    ITokenizer Tokenizer { get; }

    /// <summary>Allocates a KV cache. The caller owns the session.</summary>
    /// <exception cref="InsufficientMemoryException">Too little memory.</exception>
    /// <exception cref="ModelLoadException">The model is an encoder, or an option cannot be had for it.</exception>
    IDecodeSession CreateSession(SessionOptions options);

    /// <summary>Allocates what embeddings need. The caller owns the session.</summary>
    /// <exception cref="InsufficientMemoryException">Too little memory.</exception>
    /// <exception cref="ModelLoadException">The model gives no hidden states, or an option cannot be had for it.</exception>
    IEmbeddingSession CreateEmbeddingSession(EmbeddingOptions options);
}
