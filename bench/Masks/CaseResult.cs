namespace ModelRunner.Bench.Masks;

/// <summary>What became of a case.</summary>
internal enum CaseOutcome
{
    /// <summary>Every valid instance was accepted and every other refused.</summary>
    Pass,

    /// <summary>The schema was refused.</summary>
    Refused,

    /// <summary>A valid instance was refused.</summary>
    RejectsValid,

    /// <summary>An invalid instance was accepted.</summary>
    AcceptsInvalid,

    /// <summary>Something else was thrown.</summary>
    Crash,
}

/// <summary>A case's outcome and times.</summary>
/// <param name="Case">The case.</param>
/// <param name="Outcome">What became of it.</param>
/// <param name="Reason">Why, when it did not pass.</param>
/// <param name="CompileMicroseconds">From the schema's text to the first mask.</param>
/// <param name="MaskMicroseconds">Each mask.</param>
internal sealed record CaseResult(
    MaskCase Case, CaseOutcome Outcome, string Reason, double CompileMicroseconds, IReadOnlyList<double> MaskMicroseconds);
