using ModelRunner.Abstractions.Requests;

namespace ModelRunner.Server.Requests;

/// <summary>A chat call as read from the wire.</summary>
internal sealed record ChatCall(string ModelName, ChatRequest Request, bool IsStreaming, bool IncludeUsage);
