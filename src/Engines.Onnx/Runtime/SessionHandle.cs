using Microsoft.ML.OnnxRuntime;

namespace ModelRunner.Engines.Onnx.Runtime;

/// <summary>An ONNX Runtime session that lives until the last of those who share it is gone. Thread-safe.</summary>
internal sealed class SessionHandle(InferenceSession session) : IDisposable
{
    private int _users = 1;

    /// <summary>The session. Valid while the caller holds a share.</summary>
    public InferenceSession Session => session;

    /// <summary>Takes a share, which <see cref="Dispose"/> gives back.</summary>
    public SessionHandle Share()
    {
        ObjectDisposedException.ThrowIf(Interlocked.Increment(ref _users) <= 1, this);
        return this;
    }

    /// <summary>Gives one share back.</summary>
    public void Dispose()
    {
        if (Interlocked.Decrement(ref _users) == 0)
            session.Dispose();
    }
}
