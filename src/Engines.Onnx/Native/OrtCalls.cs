using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using ModelRunner.Engines.Onnx.Graphs;

namespace ModelRunner.Engines.Onnx.Native;

/// <summary>
/// The few functions of ONNX Runtime's C API that give a launch its memory. The managed package makes an object with a
/// finaliser for every tensor and encodes its name anew: for a KV cache that has another shape in every step, kilobytes a step.
/// </summary>
internal static unsafe class OrtCalls
{
    // Places in OrtApi of onnxruntime_c_api.h, a table that is only ever added to; and a version that has all of them.
    private const int Version = 16;
    private const int GetErrorMessage = 2;
    private const int CreateTensorWithDataAsOrtValue = 49;
    private const int ReleaseStatus = 93;
    private const int ReleaseValue = 96;
    private const int BindInput = 136;
    private const int BindOutput = 137;

    private static readonly nint* Table = Load();

    /// <summary>Binds memory, which stays the caller's and must be there when the launch runs, to an input or output.</summary>
    /// <param name="binding">What is launched.</param>
    /// <param name="name">Name of the input or output in UTF-8, ended by a zero.</param>
    /// <param name="isInput">Which of them.</param>
    /// <param name="type">Type of an element.</param>
    /// <param name="shape">Elements in each dimension.</param>
    /// <param name="data">The memory.</param>
    /// <param name="sizeInBytes">As the shape needs it.</param>
    /// <exception cref="LaunchException">The graph has none of the name, the size is another one, or a device has no room for its copy.</exception>
    public static void Bind(
        OrtIoBinding binding, byte* name, bool isInput, ElementType type, ReadOnlySpan<long> shape, void* data, long sizeInBytes)
    {
        nint value;
        fixed (long* lengths = shape)
            Check(((delegate* unmanaged<nint, void*, nuint, long*, nuint, int, nint*, nint>)Table[CreateTensorWithDataAsOrtValue])(
                OrtMemoryInfo.DefaultInstance.DangerousGetHandle(), data, (nuint)sizeInBytes, lengths, (nuint)shape.Length, (int)type, &value));
        try
        {
            Check(((delegate* unmanaged<nint, byte*, nint, nint>)Table[isInput ? BindInput : BindOutput])(
                binding.DangerousGetHandle(), name, value));
        }
        finally
        {
            // The binding has a share of its own.
            ((delegate* unmanaged<nint, void>)Table[ReleaseValue])(value);
        }
    }

    private static void Check(nint status)
    {
        if (status == 0)
            return;
        var message = Marshal.PtrToStringUTF8(((delegate* unmanaged<nint, nint>)Table[GetErrorMessage])(status));
        ((delegate* unmanaged<nint, void>)Table[ReleaseStatus])(status);
        throw new LaunchException($"ONNX Runtime takes no such memory: {message}");
    }

    private static nint* Load()
    {
        // The library that the managed package has loaded. OrtApiBase begins with GetApi.
        var library = NativeLibrary.Load("onnxruntime", typeof(InferenceSession).Assembly, null);
        var table = ((delegate* unmanaged<nint*>)NativeLibrary.GetExport(library, "OrtGetApiBase"))();
        return ((delegate* unmanaged<uint, nint*>)table[0])(Version);
    }
}
