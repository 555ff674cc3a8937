namespace ModelRunner.Server.Requests;

/// <summary>A call of <c>detokenize</c> as read from the wire.</summary>
internal sealed record DetokenizeCall(CallTarget Target, int[] Tokens) : IModelCall;
