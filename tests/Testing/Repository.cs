namespace ModelRunner.Testing;

/// <summary>The checkout that the tests were built from.</summary>
public static class Repository
{
    /// <summary>Full path of its root folder.</summary>
    public static string Root { get; } = FindRoot();

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "ModelRunner.sln")))
                return folder.FullName;

        throw new InvalidOperationException("The tests run outside their checkout: no ModelRunner.sln above them.");
    }
}
