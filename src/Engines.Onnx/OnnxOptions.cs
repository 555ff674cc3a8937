namespace ModelRunner.Engines.Onnx;

/// <summary>Settings of the engine.</summary>
public sealed record OnnxOptions
{
    /// <value>Threads of the pool that all models share; the default, 0, is one for each core, 8 at most.</value>
    public int ThreadCount { get; init; }

    /// <value>
    /// Whether a folder that asks for an accelerator which cannot start is refused. The default is to compute on the CPU
    /// and to log a warning.
    /// </value>
    public bool RequiresProviders { get; init; }

    /// <value>
    /// Folder of graphs with their weights already packed for this machine: they load faster and take little memory of
    /// their own, and as much disk as the model again. The default, null, keeps none.
    /// </value>
    public string? PackedFolder { get; init; }
}
