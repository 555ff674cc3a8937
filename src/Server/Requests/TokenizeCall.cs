namespace ModelRunner.Server.Requests;

/// <summary>A call of <c>tokenize</c> as read from the wire.</summary>
internal sealed record TokenizeCall(CallTarget Target, string Text, bool AddSpecial, bool ParseSpecial) : IModelCall;
