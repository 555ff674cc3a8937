using ModelRunner.Abstractions.Requests;

namespace ModelRunner.Server.Requests;

/// <summary>A completion call as read from the wire: one request for each prompt.</summary>
internal sealed record CompletionCall(
    string ModelName,
    IReadOnlyList<CompletionRequest> Requests,
    int ChoiceCount,
    bool IsStreaming,
    bool IncludeUsage);
