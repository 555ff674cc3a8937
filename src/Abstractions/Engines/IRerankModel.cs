using ModelRunner.Abstractions.Errors;
using ModelRunner.Abstractions.Requests;

namespace ModelRunner.Abstractions.Engines;

/// <summary>The ability to score documents against a query.</summary>
public interface IRerankModel
{
    /// <summary>One relevance score a document, in the order of the documents; higher is more relevant.</summary>
    /// <exception cref="InvalidRequestException">An input is empty or too long; names the parameter.</exception>
    /// <exception cref="ServerBusyException">The queue is full.</exception>
    Task<RerankResult> RerankAsync(RerankRequest request, CancellationToken cancellationToken);
}
