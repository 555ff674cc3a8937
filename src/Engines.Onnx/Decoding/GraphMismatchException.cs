namespace ModelRunner.Engines.Onnx.Decoding;

/// <summary>A graph gave an output that does not fit its own declaration.</summary>
internal sealed class GraphMismatchException(string message) : Exception(message);
