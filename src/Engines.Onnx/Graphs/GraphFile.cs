using ModelRunner.Abstractions.Errors;

namespace ModelRunner.Engines.Onnx.Graphs;

/// <summary>Reads the file of a graph.</summary>
internal static class GraphFile
{
    // The bound of protobuf itself.
    private const long MaxSizeInBytes = int.MaxValue - 64;

    /// <summary>All bytes of the file.</summary>
    /// <exception cref="ModelLoadException">It is too large.</exception>
    public static byte[] Read(string path)
    {
        var size = new FileInfo(path).Length;
        return size <= MaxSizeInBytes
            ? File.ReadAllBytes(path)
            : throw new ModelLoadException($"{Path.GetFileName(path)} has {size} bytes; a graph has 2 GiB at most, its weights lie beside it");
    }

    /// <summary>Checks the bytes; errors name the file.</summary>
    /// <exception cref="ModelLoadException">They are broken, or name files that they may not use.</exception>
    public static OnnxGraph Check(ReadOnlySpan<byte> bytes, string folder, string name)
    {
        try
        {
            var graph = OnnxGraphReader.Read(bytes, folder);
            return Refuse(graph) is { } reason ? throw new ModelLoadException(reason) : graph;
        }
        catch (ModelLoadException exception)
        {
            throw new ModelLoadException($"{name}: {exception.Message}", exception.InnerException);
        }
    }

    private static string? Refuse(OnnxGraph graph) =>
        graph.Operators.Contains("PagedAttention") ? "it uses PagedAttention, which needs CUDA and is not supported"
        : graph.Operators.Contains("EPContext") ? "it holds a compiled graph of one accelerator (EPContext), which is not supported"
        : null;
}
