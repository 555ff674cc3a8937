namespace ModelRunner.Engines.Onnx.Native;

/// <summary>A launch failed, or the binding of the memory that it was to use: on an accelerator that copies, and may find no room.</summary>
/// <param name="message">What ONNX Runtime says.</param>
/// <param name="innerException">The cause, or null.</param>
internal sealed class LaunchException(string message, Exception? innerException = null) : Exception(message, innerException);
