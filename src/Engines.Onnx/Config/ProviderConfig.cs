namespace ModelRunner.Engines.Onnx.Config;

/// <summary>An accelerator that a folder asks for.</summary>
/// <param name="Name">As the folder names it, for example <c>cuda</c>.</param>
/// <param name="Options">Its settings.</param>
internal sealed record ProviderConfig(string Name, IReadOnlyDictionary<string, string> Options);
