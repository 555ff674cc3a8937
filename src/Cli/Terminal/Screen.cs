using System.CommandLine;

namespace ModelRunner.Cli.Terminal;

/// <summary>Where a command writes.</summary>
internal static class Screen
{
    public static TextWriter Out(this ParseResult result) => result.InvocationConfiguration.Output;

    public static TextWriter Error(this ParseResult result) => result.InvocationConfiguration.Error;

    /// <summary>A bar for a transfer, shown on a terminal alone.</summary>
    public static ProgressBar Progress(this ParseResult result, string? label = null) =>
        new(result.Error(), !Console.IsErrorRedirected, TimeProvider.System, label);
}
