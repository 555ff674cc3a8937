namespace ModelRunner.Engines.Onnx.Runtime;

/// <summary>A graph does not open or does not compute with the kernels that it was given to; with others it may.</summary>
/// <param name="message">What ONNX Runtime says.</param>
/// <param name="innerException">The cause.</param>
internal sealed class GraphRefusedException(string message, Exception innerException) : Exception(message, innerException);
