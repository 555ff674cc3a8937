namespace ModelRunner.Engines.Onnx.Decoding;

/// <summary>Two rows whose sequences change places.</summary>
internal readonly record struct RowExchange(int Left, int Right);
