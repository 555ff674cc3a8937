namespace ModelRunner.Gguf;

/// <summary>One of the files that hold a model.</summary>
/// <param name="Path">As it was opened; empty for a stream.</param>
/// <param name="Length">Bytes of the file.</param>
/// <param name="DataOffset">Bytes from the start of the file to the data section.</param>
public sealed record GgufShard(string Path, long Length, long DataOffset);
