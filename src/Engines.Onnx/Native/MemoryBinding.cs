using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using ModelRunner.Engines.Onnx.Graphs;

namespace ModelRunner.Engines.Onnx.Native;

/// <summary>The inputs and outputs of a launch, bound to memory anew as often as need be without a managed allocation.</summary>
internal sealed unsafe class MemoryBinding : IDisposable
{
    private readonly InferenceSession _session;
    private readonly OrtIoBinding _binding;
    private readonly nint[] _inputs;
    private readonly nint[] _outputs;

    /// <param name="session">The graph; it outlives this.</param>
    /// <param name="inputs">Names of all inputs.</param>
    /// <param name="outputs">Names of the outputs that are wanted.</param>
    public MemoryBinding(InferenceSession session, IEnumerable<string> inputs, IEnumerable<string> outputs)
    {
        _session = session;
        _binding = session.CreateIoBinding();
        _inputs = [.. inputs.Select(Marshal.StringToCoTaskMemUTF8)];
        _outputs = [.. outputs.Select(Marshal.StringToCoTaskMemUTF8)];
    }

    /// <summary>Binds an input, by its place among the names.</summary>
    /// <param name="place">The place.</param>
    /// <param name="type">Type of an element.</param>
    /// <param name="shape">Elements in each dimension.</param>
    /// <param name="data">Memory of the caller's, which lives until the launch is over.</param>
    /// <param name="sizeInBytes">Its bytes.</param>
    /// <exception cref="LaunchException">It cannot be bound.</exception>
    public void Input(int place, ElementType type, ReadOnlySpan<long> shape, void* data, long sizeInBytes) =>
        OrtCalls.Bind(_binding, (byte*)_inputs[place], isInput: true, type, shape, data, sizeInBytes);

    /// <summary>Binds an output, by its place among the names: as <see cref="Input"/>.</summary>
    public void Output(int place, ElementType type, ReadOnlySpan<long> shape, void* data, long sizeInBytes) =>
        OrtCalls.Bind(_binding, (byte*)_outputs[place], isInput: false, type, shape, data, sizeInBytes);

    /// <summary>Launches the graph over what is bound.</summary>
    /// <exception cref="LaunchException">It failed, for example because an output has another shape than its memory.</exception>
    public void Run(RunOptions options)
    {
        try
        {
            _session.RunWithBinding(options, _binding);
        }
        catch (OnnxRuntimeException exception)
        {
            throw new LaunchException(exception.Message, exception);
        }
    }

    public void Dispose()
    {
        _binding.Dispose();
        foreach (var name in _inputs.Concat(_outputs))
            Marshal.FreeCoTaskMem(name);
    }
}
