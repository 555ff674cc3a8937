namespace ModelRunner.Engines.Onnx;

/// <summary>Settings of the engine.</summary>
public sealed record OnnxOptions
{
    /// <value>
    /// Threads of the pool that all models share; the default, 0, is one for each core, 8 at most. A model that is loaded with
    /// another number has a pool of its own.
    /// </value>
    public int ThreadCount { get; init; }

    /// <value>
    /// Whether a folder that asks for an accelerator which cannot start is refused. The default is to compute on the CPU
    /// and to log a warning.
    /// </value>
    public bool RequiresProviders { get; init; }

    /// <value>
    /// Where weights are kept as this processor's kernels pack them, so that later loads map them; the default, null, is
    /// nowhere. Takes about as many bytes as the model. Weights of 4 and 8 bits are not kept.
    /// </value>
    public string? PackedWeightsFolder { get; init; }
}
