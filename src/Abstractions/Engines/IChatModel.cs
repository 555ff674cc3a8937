using ModelRunner.Abstractions.Errors;
using ModelRunner.Abstractions.Requests;

namespace ModelRunner.Abstractions.Engines;

/// <summary>The ability to answer chat requests.</summary>
public interface IChatModel
{
    /// <summary>
    /// Generates the answer. The sequence is admitted when enumeration starts; the first call of
    /// <c>MoveNextAsync</c> throws what admission refuses, before any update and without waiting for the compute: once
    /// that call waits, the request is admitted, and a stream may send its headers. The last update carries the finish
    /// reason of the last choice and the usage.
    /// </summary>
    /// <remarks>
    /// The memory in an update is valid until the next call of <c>MoveNextAsync</c>. Leaving the enumeration early
    /// frees the sequence by the next step.
    /// </remarks>
    /// <exception cref="InvalidRequestException">The request cannot be served; names the parameter.</exception>
    /// <exception cref="ServerBusyException">The queue is full.</exception>
    /// <exception cref="GenerationException">The engine failed while generating.</exception>
    IAsyncEnumerable<ChatUpdate> ChatAsync(ChatRequest request, CancellationToken cancellationToken);
}
