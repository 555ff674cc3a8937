using ModelRunner.Abstractions.Requests;

namespace ModelRunner.Generation.Parsing;

/// <summary>A piece of an answer.</summary>
/// <param name="Kind">Content, reasoning, the start of a call, or more of its arguments.</param>
/// <param name="Text">The text; empty at the start of a call.</param>
/// <param name="CallIndex">The call, from 0.</param>
/// <param name="Call">Name and the model's own id at the start of a call; null otherwise.</param>
internal readonly record struct OutputEvent(ChatUpdateKind Kind, string Text, int CallIndex = 0, ParsedCall? Call = null);
