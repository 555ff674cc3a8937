using System.Text;
using ModelRunner.Abstractions.Errors;
using ModelRunner.Abstractions.Tokens;
using ModelRunner.Grammars.Masks;
using ModelRunner.Grammars.Parsing;

namespace ModelRunner.Grammars;

/// <summary>
/// A grammar over a vocabulary. Its states are worked out as sequences come to them, and shared by all of them.
/// Thread-safe: one sequence works on it at a time.
/// </summary>
public sealed class CompiledGrammar
{
    private readonly Grammar _grammar;

    internal CompiledGrammar(Grammar grammar, TokenVocabulary vocabulary)
    {
        _grammar = grammar;
        Vocabulary = vocabulary;
        Machine = new Machine(grammar);
        Masks = new MaskBuilder(Machine, vocabulary);
    }

    internal Lock Gate { get; } = new();

    internal TokenVocabulary Vocabulary { get; }

    internal Machine Machine { get; }

    internal MaskBuilder Masks { get; }

    /// <summary>The state before the first token.</summary>
    /// <param name="written">Output that stands already; left out where the grammar does not allow it.</param>
    /// <exception cref="InvalidRequestException">What stands already costs too much to follow.</exception>
    public ITokenConstraint CreateConstraint(string written = "")
    {
        if (written.Length == 0)
            return new TokenConstraint(this, Machine.Start);

        lock (Gate)
        {
            try
            {
                BeginWork();
                var state = Machine.Start;
                foreach (var value in Encoding.UTF8.GetBytes(written))
                    state = state == Configuration.Dead ? state : Machine.Step(state, value);

                return new TokenConstraint(this, state == Configuration.Dead ? Machine.Start : state);
            }
            catch (GrammarLimitException exception)
            {
                throw new InvalidRequestException(exception.Message);
            }
        }
    }

    /// <summary>Gives a piece of work its steps; called with the gate held.</summary>
    internal void BeginWork()
    {
        _grammar.Rx.Steps = 0;
        _grammar.Rx.StepLimit = _grammar.Limits.StepsPerToken;
        Machine.Trim();
    }
}
