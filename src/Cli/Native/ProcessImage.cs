using System.Runtime.InteropServices;

namespace ModelRunner.Cli.Native;

/// <summary>The program that this process runs.</summary>
internal static partial class ProcessImage
{
    /// <summary>Runs another program in place of this one, found as the shell finds it. Comes back only where that fails.</summary>
    /// <param name="line">The program and its arguments.</param>
    /// <returns>Why it failed.</returns>
    public static string Replace(IReadOnlyList<string> line)
    {
        Execute(line[0], [.. line, null]);
        return $"{line[0]} does not start: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}.";
    }

    [LibraryImport("libc", EntryPoint = "execvp", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Execute(string file, string?[] arguments);
}
