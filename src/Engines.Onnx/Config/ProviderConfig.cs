namespace ModelRunner.Engines.Onnx.Config;

/// <summary>An accelerator that a folder asks for.</summary>
/// <param name="Name">As the folder names it, for example <c>cuda</c>.</param>
/// <param name="Options">Its settings, of those that a folder may make.</param>
internal sealed record ProviderConfig(string Name, IReadOnlyDictionary<string, string> Options)
{
    /// <summary>Names of the settings that a folder may not make.</summary>
    public IReadOnlyList<string> Ignored { get; init; } = [];
}
