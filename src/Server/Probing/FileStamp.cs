using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ModelRunner.Abstractions.Engines;
using ModelRunner.ModelStore;

namespace ModelRunner.Server.Probing;

/// <summary>
/// The state of a bundle's files as one text: a changed file has another. A file that was put in another's place has its
/// own inode, whatever its times say; .NET tells no inode, and on Linux no time of birth either, but the kernel does.
/// Elsewhere the time of birth stands for it.
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
                $"\n{path}\0{size}\0{file.LastWriteTimeUtc.Ticks}\0{file.CreationTimeUtc.Ticks}\0{(file.Exists ? GetInode(path) : "")}");
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }

    /// <summary>The line of <c>proc_pid_fdinfo(5)</c> that has it; empty where the system has no such file or line.</summary>
    private static string GetInode(string path)
    {
        if (!OperatingSystem.IsLinux()) return "";
        using var file = File.OpenHandle(path, share: FileShare.ReadWrite | FileShare.Delete);
        var info = $"/proc/self/fdinfo/{file.DangerousGetHandle()}";
        return File.Exists(info) ? File.ReadLines(info).FirstOrDefault(line => line.StartsWith("ino:", StringComparison.Ordinal)) ?? "" : "";
    }

    private static IEnumerable<string> GetFiles(ModelBundle bundle) =>
        bundle.GgufPath is { } gguf
            ? GgufShards.GetAll(gguf)
            : Directory.EnumerateFiles(bundle.OnnxFolder!, "*", Recursive).Order(StringComparer.Ordinal);
}
