namespace ModelRunner.Engines.Onnx.Decoding;

/// <summary>One token of one sequence in a step.</summary>
/// <param name="Sequence">The sequence.</param>
/// <param name="Position">Its length before.</param>
/// <param name="Token">The token.</param>
/// <param name="Row">The row of the batch that wants its logits, or -1.</param>
internal readonly record struct StepToken(int Sequence, int Position, int Token, int Row);
