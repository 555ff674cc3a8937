using ModelRunner.Abstractions.Errors;
using ModelRunner.Abstractions.Requests;

namespace ModelRunner.Abstractions.Engines;

/// <summary>The ability to continue plain text.</summary>
public interface ICompletionModel
{
    /// <summary>Continues one prompt. The rules of <see cref="IChatModel.ChatAsync"/> hold.</summary>
    /// <exception cref="InvalidRequestException">The request cannot be served; names the parameter.</exception>
    /// <exception cref="ServerBusyException">The queue is full.</exception>
    /// <exception cref="GenerationException">The engine failed while generating.</exception>
    IAsyncEnumerable<CompletionUpdate> CompleteAsync(CompletionRequest request, CancellationToken cancellationToken);
}
