using System.Runtime.InteropServices;

namespace ModelRunner.Tokenizers.Patterns;

/// <summary>
/// Determinizes a program by the subset construction over lists: a state is the instructions that are alive, best
/// first, so that the choices are those of a backtracking matcher. What comes behind a match is dropped.
/// </summary>
internal sealed class AutomatonBuilder(PatternProgram program, CharacterClasses classes, int lookCount)
{
    // Published patterns have a few dozen.
    private const int MaximumStates = 1 << 12;
    private const int MaximumEntries = 1 << 20;

    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
    private readonly List<int[]> _states = [];
    private readonly List<int> _table = [];
    private readonly int[] _visited = new int[program.Instructions.Count];
    private int _visit;

    /// <summary>
    /// The transitions, <c>[states, classes &lt;&lt; lookCount]</c>: the next state twice, plus 1 where a match ends
    /// before the character. State 0 is dead, state 1 the start.
    /// </summary>
    /// <exception cref="PatternException">There are too many states.</exception>
    public int[] Build()
    {
        Intern([]);
        Intern([program.Start]);
        for (var state = 0; state < _states.Count; state++)
        {
            if (_states.Count > MaximumStates || (long)_states.Count * (classes.Count << lookCount) > MaximumEntries)
                throw new PatternException("needs too many states");
            for (var symbol = 0; symbol < classes.Count << lookCount; symbol++)
                _table.Add(Step(_states[state], symbol >> lookCount, symbol & ((1 << lookCount) - 1)));
        }

        return [.. _table];
    }

    private int Step(int[] state, int next, int looks)
    {
        _visit++;
        var taken = new List<int>();
        var isMatch = false;
        var pending = new Stack<int>();
        for (var i = 0; i < state.Length && !isMatch; i++)
        {
            pending.Push(state[i]);
            while (!isMatch && pending.TryPop(out var index))
            {
                if (_visited[index] == _visit)
                    continue;
                _visited[index] = _visit;
                isMatch = Follow(program.Instructions[index], next, looks, pending, taken);
            }
        }

        return (Intern([.. taken.Distinct()]) * 2) + (isMatch ? 1 : 0);
    }

    private bool Follow(Instruction instruction, int next, int looks, Stack<int> pending, List<int> taken)
    {
        switch (instruction.Kind)
        {
            case InstructionKind.Match:
                return true;
            case InstructionKind.Take when classes.Contains(instruction.Operand, next):
                taken.Add(instruction.Next);
                break;
            case InstructionKind.Split:
                pending.Push(instruction.Other);
                pending.Push(instruction.Next);
                break;
            case InstructionKind.AssertNext when classes.Contains(instruction.Operand, next) != instruction.IsNegative:
            case InstructionKind.AssertLook when ((looks >> instruction.Operand) & 1) != 0 != instruction.IsNegative:
                pending.Push(instruction.Next);
                break;
        }

        return false;
    }

    private int Intern(int[] state)
    {
        var key = new string(MemoryMarshal.Cast<int, char>(state));
        if (_numbers.TryAdd(key, _states.Count))
            _states.Add(state);
        return _numbers[key];
    }
}
