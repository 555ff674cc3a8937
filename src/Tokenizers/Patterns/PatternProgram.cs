using ModelRunner.Tokenizers.Unicode;
using static ModelRunner.Tokenizers.Patterns.PatternNode;

namespace ModelRunner.Tokenizers.Patterns;

/// <summary>
/// A pattern as instructions (Thompson's construction). A look ahead at one character becomes an assertion on the next
/// one; every other look around becomes a program of its own, whose truth at each position is found before the match.
/// </summary>
internal sealed class PatternProgram
{
    private readonly Compilation _compilation;
    private readonly List<Instruction> _instructions = [];

    private PatternProgram(Compilation compilation, PatternNode node)
    {
        _compilation = compilation;
        _instructions.Add(new Instruction(InstructionKind.Match, -1));
        Start = Emit(node, 0);
    }

    public int Start { get; }

    public IReadOnlyList<Instruction> Instructions => _instructions;

    /// <summary>Compiles a pattern with what it looks around, inner ones first.</summary>
    public static PatternProgram Compile(PatternNode node, out IReadOnlyList<CodePointSet> sets, out IReadOnlyList<LookAround> looks)
    {
        var compilation = new Compilation();
        var program = new PatternProgram(compilation, node);
        sets = compilation.Sets;
        looks = compilation.Looks;
        return program;
    }

    // Emits backwards, so that each instruction knows what follows.
    private int Emit(PatternNode node, int next)
    {
        switch (node)
        {
            case Characters characters:
                return Add(new Instruction(InstructionKind.Take, next, Operand: _compilation.Intern(characters.Set)));
            case Concatenation concatenation:
                for (var i = concatenation.Parts.Length - 1; i >= 0; i--)
                    next = Emit(concatenation.Parts[i], next);
                return next;
            case Alternation alternation:
                var choice = Emit(alternation.Branches[^1], next);
                for (var i = alternation.Branches.Length - 2; i >= 0; i--)
                    choice = Add(new Instruction(InstructionKind.Split, Emit(alternation.Branches[i], next), choice));
                return choice;
            case Repetition repetition:
                var loop = Add(default);
                var body = Emit(repetition.Body, loop);
                _instructions[loop] = repetition.IsGreedy
                    ? new Instruction(InstructionKind.Split, body, next)
                    : new Instruction(InstructionKind.Split, next, body);
                return loop;
            case Look { IsAhead: true, Body: Characters characters } look:
                return Add(new Instruction(
                    InstructionKind.AssertNext, next, Operand: _compilation.Intern(characters.Set), IsNegative: look.IsNegative));
            case Look look:
                return Add(new Instruction(
                    InstructionKind.AssertLook, next, Operand: _compilation.AddLook(look), IsNegative: look.IsNegative));
            default:
                return next;
        }
    }

    private int Add(Instruction instruction)
    {
        _instructions.Add(instruction);
        return _instructions.Count - 1;
    }

    private sealed class Compilation
    {
        private const int MaximumLooks = 6;

        private readonly Dictionary<CodePointSet, int> _numbers = [];
        private readonly List<CodePointSet> _bodies = [];

        public List<CodePointSet> Sets { get; } = [];

        public List<LookAround> Looks { get; } = [];

        public int Intern(CodePointSet set)
        {
            if (_numbers.TryAdd(set, Sets.Count))
                Sets.Add(set);
            return _numbers[set];
        }

        public int AddLook(Look look)
        {
            // A word boundary looks behind twice at the same characters.
            var body = look is { IsAhead: false, Body: Characters characters } ? characters.Set : CodePointSet.None;
            if (!body.Ranges.IsEmpty && _bodies.IndexOf(body) is var known and >= 0)
                return known;

            var program = new PatternProgram(this, look.IsAhead ? look.Body.Reverse() : look.Body);
            if (Looks.Count == MaximumLooks)
                throw new PatternException($"looks around in more than {MaximumLooks} ways");
            Looks.Add(new LookAround(program, look.IsAhead));
            _bodies.Add(body);
            return Looks.Count - 1;
        }
    }
}
