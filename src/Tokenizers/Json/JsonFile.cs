using System.Text.Json;
using ModelRunner.Abstractions.Errors;

namespace ModelRunner.Tokenizers.Json;

/// <summary>Opens the JSON files of a folder, bounded in size and depth.</summary>
internal static class JsonFile
{
    // The largest vocabularies that are published take about 35 MB.
    private const long MaximumLength = 256L << 20;
    private const int MaximumDepth = 64;

    /// <summary>The parsed file; null where the folder has none. The caller disposes it.</summary>
    /// <exception cref="ModelLoadException">It cannot be read, is too large, or is not JSON.</exception>
    public static JsonDocument? Find(string folder, string name)
    {
        var bytes = ReadBytes(folder, name, MaximumLength);
        if (bytes is null)
            return null;

        // A byte order mark is no JSON, yet some editors write one.
        var start = bytes.AsSpan().StartsWith("\uFEFF"u8) ? 3 : 0;
        try
        {
            return JsonDocument.Parse(bytes.AsMemory(start), new JsonDocumentOptions { MaxDepth = MaximumDepth });
        }
        catch (JsonException exception)
        {
            throw new ModelLoadException(
                $"{name}: not JSON at line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}", exception);
        }
    }

    /// <summary>The bytes of a file; null where the folder has none.</summary>
    public static byte[]? ReadBytes(string folder, string name, long maximumLength)
    {
        try
        {
            using var stream = new FileStream(Path.Combine(folder, name), FileMode.Open, FileAccess.Read, FileShare.Read);
            if (stream.Length > maximumLength)
                throw new ModelLoadException($"{name}: {stream.Length} bytes, the limit is {maximumLength}");
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            return bytes;
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ModelLoadException($"{name}: cannot be read: {exception.Message}", exception);
        }
    }
}
