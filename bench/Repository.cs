namespace ModelRunner.Bench;

/// <summary>Where the checkout lies.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    /// <summary>The built server.</summary>
    public static string Server
    {
        get
        {
            var output = new DirectoryInfo(AppContext.BaseDirectory);
            return Path.Combine(Root, "src", "Server", "bin", output.Parent!.Name, output.Name, "ModelRunner.Server.dll");
        }
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "ModelRunner.sln")))
                return folder.FullName;

        throw new InvalidOperationException("The benchmarks run from the repository's own build output.");
    }
}
