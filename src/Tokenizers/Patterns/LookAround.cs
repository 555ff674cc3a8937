using ModelRunner.Tokenizers.Unicode;

namespace ModelRunner.Tokenizers.Patterns;

/// <summary>
/// The positions of a text at which something ends (looking behind), or begins (looking ahead: the reversed program
/// runs from the end). Takes time in proportion to text and program.
/// </summary>
internal sealed class LookAround(PatternProgram program, bool isAhead)
{
    /// <summary>Sets bit <paramref name="number"/> of each position in [0, text.Length] at which it holds.</summary>
    public void Mark(ReadOnlySpan<char> text, CharacterClasses classes, Span<byte> marks, int number)
    {
        var active = new HashSet<int>();
        var taken = new HashSet<int>();
        for (var position = isAhead ? text.Length : 0; ;)
        {
            // A match may begin anywhere.
            taken.Add(program.Start);
            active.Clear();
            var next = position < text.Length ? classes[CodePoint.At(text, position, out _)] : classes.End;
            var holds = false;
            foreach (var instruction in taken)
                holds |= Follow(instruction, next, marks[position], classes, active);
            if (holds)
                marks[position] |= (byte)(1 << number);

            if (position == (isAhead ? 0 : text.Length))
                return;
            var point = isAhead ? CodePoint.Before(text, position, out var length) : CodePoint.At(text, position, out length);
            position += isAhead ? -length : length;
            taken.Clear();
            foreach (var instruction in active)
                if (program.Instructions[instruction] is { Kind: InstructionKind.Take } take && classes.Contains(take.Operand, classes[point]))
                    taken.Add(take.Next);
        }
    }

    private bool Follow(int index, int next, byte marks, CharacterClasses classes, HashSet<int> active)
    {
        var holds = false;
        var pending = new Stack<int>([index]);
        while (pending.TryPop(out var current))
        {
            if (!active.Add(current))
                continue;
            var instruction = program.Instructions[current];
            switch (instruction.Kind)
            {
                case InstructionKind.Match:
                    holds = true;
                    break;
                case InstructionKind.Split:
                    pending.Push(instruction.Next);
                    pending.Push(instruction.Other);
                    break;
                case InstructionKind.AssertNext when classes.Contains(instruction.Operand, next) != instruction.IsNegative:
                case InstructionKind.AssertLook when ((marks >> instruction.Operand) & 1) != 0 != instruction.IsNegative:
                    pending.Push(instruction.Next);
                    break;
            }
        }

        return holds;
    }
}
