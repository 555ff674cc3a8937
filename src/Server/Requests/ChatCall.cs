using ModelRunner.Abstractions.Requests;

namespace ModelRunner.Server.Requests;

/// <summary>A chat call as read from the wire.</summary>
internal sealed record ChatCall(
    CallTarget Target,
    ChatRequest Request,
    bool IsStreaming,
    bool IncludeUsage) : IModelCall;
