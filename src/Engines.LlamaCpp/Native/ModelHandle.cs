using System.Runtime.InteropServices;

namespace ModelRunner.Engines.LlamaCpp.Native;

/// <summary>Owns a <c>llama_model</c>. Freed with the last context that holds a reference.</summary>
internal sealed class ModelHandle : SafeHandle
{
    public ModelHandle(nint model)
        : base(0, ownsHandle: true) => SetHandle(model);

    public override bool IsInvalid => handle == 0;

    /// <summary>The pointer, for a call that the caller keeps the handle alive for.</summary>
    public nint Pointer => handle;

    protected override bool ReleaseHandle()
    {
        LlamaApi.llama_model_free(handle);
        return true;
    }
}
