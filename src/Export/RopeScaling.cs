namespace ModelRunner.Export;

/// <summary>How a generated model stretches its rotary positions, by a factor of four.</summary>
public enum RopeScaling
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>All pairs alike.</summary>
    Linear,

    /// <summary>YaRN: slow pairs more than fast ones, and larger scores.</summary>
    Yarn,

    /// <summary>As Llama 3.1: a tensor with a factor for each pair.</summary>
    PerPair,
}
