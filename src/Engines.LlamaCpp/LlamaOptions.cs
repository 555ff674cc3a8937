namespace ModelRunner.Engines.LlamaCpp;

/// <summary>Settings of the engine.</summary>
public sealed record LlamaOptions
{
    /// <value>Folder of the native libraries. The default, null, is <c>MODEL_RUNNER_LLAMA_PATH</c>, then <c>llama/</c> beside the program.</value>
    public string? LibraryFolder { get; init; }
}
