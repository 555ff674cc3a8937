using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ModelRunner.Abstractions.Engines;
using ModelRunner.ModelStore;

namespace ModelRunner.Server.Probing;

/// <summary>
/// The state of a bundle's files as one text: a changed file has another. Time of birth stands for the inode, which
/// .NET does not tell: a file that was put in another's place was born later, whatever its time of writing says.
/// </summary>
internal static class FileStamp
{
    private static readonly EnumerationOptions Recursive = new() { RecurseSubdirectories = true, AttributesToSkip = 0 };

    /// <param name="bundle">The files.</param>
    /// <param name="context">What else the stamp depends on.</param>
    public static string Compute(ModelBundle bundle, string context)
    {
        var text = new StringBuilder(context);
        foreach (var path in GetFiles(bundle))
        {
            var file = new FileInfo(path);
            var size = file.Exists ? file.Length : -1;
            text.Append(
                CultureInfo.InvariantCulture,
                $"\n{path}\0{size}\0{file.LastWriteTimeUtc.Ticks}\0{file.CreationTimeUtc.Ticks}");
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }

    private static IEnumerable<string> GetFiles(ModelBundle bundle) =>
        bundle.GgufPath is { } gguf
            ? GgufShards.GetAll(gguf)
            : Directory.EnumerateFiles(bundle.OnnxFolder!, "*", Recursive).Order(StringComparer.Ordinal);
}
