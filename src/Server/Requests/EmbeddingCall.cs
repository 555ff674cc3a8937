using ModelRunner.Abstractions.Requests;

namespace ModelRunner.Server.Requests;

/// <summary>An embedding call as read from the wire.</summary>
/// <param name="Target">The model.</param>
/// <param name="Request">The inputs.</param>
/// <param name="IsBase64">Whether vectors are sent as base64 of little-endian floats instead of numbers.</param>
internal sealed record EmbeddingCall(CallTarget Target, EmbeddingRequest Request, bool IsBase64) : IModelCall;
