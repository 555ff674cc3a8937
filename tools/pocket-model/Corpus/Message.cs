namespace ModelRunner.PocketModel.Corpus;

/// <summary>One message of a training conversation.</summary>
/// <param name="Role">As in the chat API: system, user, assistant or tool.</param>
/// <param name="Content">Its text; of an assistant's call, the text before it, mostly none.</param>
/// <param name="Calls">The JSON of each tool call: name and arguments.</param>
internal sealed record Message(string Role, string Content, params IReadOnlyList<string> Calls);
