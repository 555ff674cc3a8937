using ModelRunner.Abstractions.Errors;
using ModelRunner.Abstractions.Requests;

namespace ModelRunner.Abstractions.Engines;

/// <summary>The ability to turn text into vectors.</summary>
public interface IEmbeddingModel
{
    /// <summary>Embeds every input. Vectors come in the order of the inputs.</summary>
    /// <exception cref="InvalidRequestException">An input is empty or too long; names the parameter.</exception>
    /// <exception cref="ServerBusyException">The queue is full.</exception>
    /// <exception cref="GenerationException">The engine failed.</exception>
    Task<EmbeddingResult> EmbedAsync(EmbeddingRequest request, CancellationToken cancellationToken);
}
