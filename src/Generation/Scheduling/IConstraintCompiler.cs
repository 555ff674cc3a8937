using ModelRunner.Abstractions.Errors;
using ModelRunner.Abstractions.Requests;
using ModelRunner.Abstractions.Tokens;

namespace ModelRunner.Generation.Scheduling;

/// <summary>Turns a constraint's specification into the grammar state of a sequence. Thread-safe.</summary>
public interface IConstraintCompiler
{
    /// <summary>A fresh state. Runs on the request's thread, never on the loop's.</summary>
    /// <param name="specification">What the output must follow.</param>
    /// <param name="visibleTokens">
    /// Control tokens that show as text, by their UTF-8: the markers that parts and preambles speak of. The same object
    /// for the same markers. Null for none.
    /// </param>
    /// <exception cref="InvalidRequestException">The specification cannot be honoured; names what.</exception>
    ITokenConstraint Compile(ConstraintSpecification specification, IReadOnlyDictionary<int, ReadOnlyMemory<byte>>? visibleTokens = null);
}
