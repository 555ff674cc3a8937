using ModelRunner.Engines.Onnx.Runtime;

namespace ModelRunner.Engines.Onnx.Tests;

/// <summary>Starts the library before any test does, so that the pool of all models has a known size on every machine.</summary>
public sealed class SharedPool
{
    public const int ThreadCount = 4;

    public SharedPool() => OnnxLibrary.Start(ThreadCount);
}
