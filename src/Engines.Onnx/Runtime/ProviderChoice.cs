using ModelRunner.Engines.Onnx.Config;

namespace ModelRunner.Engines.Onnx.Runtime;

/// <summary>Which of the accelerators that a folder asks for this build of ONNX Runtime has. Pure.</summary>
/// <param name="Usable">Those to try, under ONNX Runtime's names.</param>
/// <param name="Missing">Those that it has not, under the folder's names.</param>
internal sealed record ProviderChoice(IReadOnlyList<ProviderConfig> Usable, IReadOnlyList<string> Missing)
{
    public const string Cuda = "CUDA";
    public const string TensorRt = "TensorRT";
    public const string Rocm = "ROCM";

    // Names in folders, in lower case, and those of AppendExecutionProvider.
    private static readonly Dictionary<string, (string Name, string Available)> Known = new(StringComparer.Ordinal)
    {
        ["cuda"] = (Cuda, "CUDAExecutionProvider"),
        ["dml"] = ("DML", "DmlExecutionProvider"),
        ["directml"] = ("DML", "DmlExecutionProvider"),
        ["nvtensorrtrtx"] = ("NvTensorRtRtx", "NvTensorRTRTXExecutionProvider"),
        ["tensorrt"] = (TensorRt, "TensorrtExecutionProvider"),
        ["rocm"] = (Rocm, "ROCMExecutionProvider"),
        ["migraphx"] = ("MIGraphX", "MIGraphXExecutionProvider"),
        ["webgpu"] = ("WebGPU", "WebGpuExecutionProvider"),
        ["openvino"] = ("OpenVINO", "OpenVINOExecutionProvider"),
        ["qnn"] = ("QNN", "QNNExecutionProvider"),
        ["vitisai"] = ("VitisAI", "VitisAIExecutionProvider"),
        ["coreml"] = ("CoreML", "CoreMLExecutionProvider"),
        ["xnnpack"] = ("XNNPACK", "XnnpackExecutionProvider"),
    };

    /// <param name="asked">What the folder asks for.</param>
    /// <param name="available">Names of what the build has.</param>
    public static ProviderChoice Make(IReadOnlyList<ProviderConfig> asked, IReadOnlyList<string> available)
    {
        var usable = new List<ProviderConfig>();
        var missing = new List<string>();
        foreach (var provider in asked)
        {
            var key = provider.Name.ToLowerInvariant();
            if (key == "cpu")
                continue;
            if (Known.TryGetValue(key, out var known) && available.Contains(known.Available))
                usable.Add(provider with { Name = known.Name });
            else
                missing.Add(provider.Name);
        }

        return new ProviderChoice(usable, missing);
    }
}
