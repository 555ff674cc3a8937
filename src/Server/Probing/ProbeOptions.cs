namespace ModelRunner.Server.Probing;

/// <summary>How trial runs are made.</summary>
internal sealed record ProbeOptions
{
    /// <summary>The program and its first arguments; engine and path follow them.</summary>
    public required IReadOnlyList<string> Command { get; init; }

    /// <summary>Where verdicts are kept.</summary>
    public required string CacheFolder { get; init; }

    /// <summary>What a verdict depends on beside the files: versions of the server and of the engine's library.</summary>
    public required Func<string, string> GetVersion { get; init; }

    /// <summary>
    /// When a child is given up. Generous: a large model is read from a slow disk, and the other cores are busy.
    /// </summary>
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>This very program, however it was started.</summary>
    public static IReadOnlyList<string> OwnCommand { get; } =
        IsOwnExecutable()
            ? [Environment.ProcessPath!, "probe"]
            : ["dotnet", typeof(ProbeOptions).Assembly.Location, "probe"];

    // Otherwise it is dotnet itself, or a test process.
    private static bool IsOwnExecutable() =>
        IsExecutableOf(Path.GetFileName(Environment.ProcessPath) ?? "", typeof(ProbeOptions).Assembly.GetName().Name!);

    /// <summary>Only .exe is an ending: the names of assemblies have dots of their own.</summary>
    internal static bool IsExecutableOf(string fileName, string assembly) =>
        fileName == assembly || fileName == assembly + ".exe";
}
