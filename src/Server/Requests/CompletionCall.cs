using ModelRunner.Abstractions.Requests;

namespace ModelRunner.Server.Requests;

/// <summary>A completion call as read from the wire: one request for each prompt.</summary>
/// <param name="Target">The model.</param>
/// <param name="Requests">
/// One for each prompt. With <c>best_of</c> above <c>n</c> they have that many choices, and log probabilities to choose
/// by.
/// </param>
/// <param name="ChoiceCount">The choices to return for each prompt.</param>
/// <param name="WantsLogProbabilities">Whether the client asked for log probabilities itself.</param>
/// <param name="IsStreaming">Whether the answer is a stream.</param>
/// <param name="IncludeUsage">Whether a stream ends with the usage.</param>
internal sealed record CompletionCall(
    CallTarget Target,
    IReadOnlyList<CompletionRequest> Requests,
    int ChoiceCount,
    bool WantsLogProbabilities,
    bool IsStreaming,
    bool IncludeUsage) : IModelCall;
