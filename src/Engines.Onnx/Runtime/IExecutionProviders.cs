using ModelRunner.Engines.Onnx.Config;

namespace ModelRunner.Engines.Onnx.Runtime;

/// <summary>The accelerators that a build of ONNX Runtime has. Thread-safe.</summary>
internal interface IExecutionProviders
{
    /// <summary>Their names, as ONNX Runtime lists them; the CPU is among them.</summary>
    IReadOnlyList<string> Available { get; }

    /// <summary>Has a session use one, before those that are added after it.</summary>
    /// <param name="options">The session's options; on failure they must not be used.</param>
    /// <param name="provider">One of <see cref="ProviderChoice.Usable"/>.</param>
    /// <exception cref="Microsoft.ML.OnnxRuntime.OnnxRuntimeException">It cannot start here.</exception>
    void Append(OrtSessionOptions options, ProviderConfig provider);
}
