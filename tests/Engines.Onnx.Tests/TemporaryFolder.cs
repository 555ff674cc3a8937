namespace ModelRunner.Engines.Onnx.Tests;

/// <summary>An empty folder that goes away with its test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("modelrunner-onnx").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
