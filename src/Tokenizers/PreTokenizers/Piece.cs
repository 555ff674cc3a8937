namespace ModelRunner.Tokenizers.PreTokenizers;

/// <summary>A part of a text.</summary>
/// <param name="Start">Index of its first character.</param>
/// <param name="End">Index behind its last character.</param>
/// <param name="IsFirst">Whether it begins where the whole text begins.</param>
internal readonly record struct Piece(int Start, int End, bool IsFirst);
