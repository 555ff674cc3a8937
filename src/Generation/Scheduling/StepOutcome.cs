namespace ModelRunner.Generation.Scheduling;

/// <summary>What a step of the scheduler did.</summary>
public enum StepOutcome
{
    /// <summary>There was nothing to do: wait for a request, a reader, or a deadline.</summary>
    Idle,

    /// <summary>It did something: step again.</summary>
    Worked,

    /// <summary>The session is lost and no other can be made.</summary>
    Dead,
}
