using Microsoft.ML.OnnxRuntime;
using ModelRunner.Engines.Onnx.Config;

namespace ModelRunner.Engines.Onnx.Runtime;

/// <summary>The accelerators of the library in this process.</summary>
internal sealed class LibraryProviders : IExecutionProviders
{
    /// <inheritdoc/>
    public IReadOnlyList<string> Available => OnnxLibrary.Providers;

    /// <inheritdoc/>
    public void Append(OrtSessionOptions options, ProviderConfig provider)
    {
        // The call by name, which came later, does not know the three that have calls of their own.
        var settings = new Dictionary<string, string>(provider.Options);
        switch (provider.Name)
        {
            case ProviderChoice.Cuda:
                using (var cuda = new OrtCUDAProviderOptions())
                {
                    cuda.UpdateOptions(settings);
                    options.AppendExecutionProvider_CUDA(cuda);
                }

                break;
            case ProviderChoice.TensorRt:
                using (var tensorRt = new OrtTensorRTProviderOptions())
                {
                    tensorRt.UpdateOptions(settings);
                    options.AppendExecutionProvider_Tensorrt(tensorRt);
                }

                break;
            case ProviderChoice.Rocm:
                using (var rocm = new OrtROCMProviderOptions())
                {
                    rocm.UpdateOptions(settings);
                    options.AppendExecutionProvider_ROCm(rocm);
                }

                break;
            default:
                options.AppendExecutionProvider(provider.Name, settings);
                break;
        }
    }
}
