namespace ModelRunner.Generation.Parsing;

/// <summary>What stands around reasoning.</summary>
internal sealed record ReasoningFormat(string Open, string Close);
