using ModelRunner.Abstractions.Errors;
using ModelRunner.Abstractions.Requests;
using ModelRunner.Abstractions.Tokens;

namespace ModelRunner.Generation.Scheduling;

/// <summary>Turns a constraint's specification into the grammar state of a sequence. Thread-safe.</summary>
public interface IConstraintCompiler
{
    /// <summary>A fresh state. Runs on the request's thread, never on the loop's.</summary>
    /// <exception cref="InvalidRequestException">The specification cannot be honoured; names what.</exception>
    ITokenConstraint Compile(ConstraintSpecification specification);
}
