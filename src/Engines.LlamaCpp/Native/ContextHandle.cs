using System.Runtime.InteropServices;

namespace ModelRunner.Engines.LlamaCpp.Native;

/// <summary>Owns a <c>llama_context</c>, and keeps its model alive.</summary>
internal sealed class ContextHandle : SafeHandle
{
    private readonly ModelHandle _model;

    public ContextHandle(nint context, ModelHandle model)
        : base(0, ownsHandle: true)
    {
        var isHeld = false;
        model.DangerousAddRef(ref isHeld);
        _model = model;
        SetHandle(context);
    }

    public override bool IsInvalid => handle == 0;

    /// <summary>The pointer, for a call that the caller keeps the handle alive for.</summary>
    public nint Pointer => handle;

    protected override bool ReleaseHandle()
    {
        LlamaApi.llama_free(handle);
        _model.DangerousRelease();
        return true;
    }
}
