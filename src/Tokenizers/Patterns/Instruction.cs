namespace ModelRunner.Tokenizers.Patterns;

/// <summary>What an <see cref="Instruction"/> does.</summary>
internal enum InstructionKind : byte
{
    /// <summary>Takes a character of a class and goes on behind.</summary>
    Take,

    /// <summary>Tries <see cref="Instruction.Next"/> first, then <see cref="Instruction.Other"/>.</summary>
    Split,

    /// <summary>Goes on where the next character is of a class, or is not, without taking it.</summary>
    AssertNext,

    /// <summary>Goes on where a precomputed look around holds, or does not.</summary>
    AssertLook,

    /// <summary>The end.</summary>
    Match,
}

/// <summary>One step of a compiled pattern.</summary>
/// <param name="Kind">What it does.</param>
/// <param name="Next">The instruction that follows.</param>
/// <param name="Other">The second choice of a split.</param>
/// <param name="Operand">The set of characters, or the number of the look around.</param>
/// <param name="IsNegative">Whether an assertion is inverted.</param>
internal readonly record struct Instruction(InstructionKind Kind, int Next, int Other = -1, int Operand = -1, bool IsNegative = false);
