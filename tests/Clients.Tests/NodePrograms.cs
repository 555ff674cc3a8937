namespace ModelRunner.Clients.Tests;

/// <summary>The programs for Node.js, with their packages as locked.</summary>
internal static class NodePrograms
{
    private static readonly Lazy<Task> Installed = new(InstallAsync);

    /// <summary>Where they stand.</summary>
    public static string Folder { get; } = Path.Combine(AppContext.BaseDirectory, "node");

    /// <summary>Runs a program of the folder to its end, and gives what it wrote.</summary>
    public static async Task<string> RunAsync(
        IEnumerable<(string Name, string Value)> environment,
        Action<string>? onLine,
        params string[] program)
    {
        await Installed.Value;
        return await Command.RunAsync(Folder, environment, onLine, ["node", .. program]);
    }

    private static async Task InstallAsync()
    {
        // By the text: the times of files tell nothing after a change of branches.
        var installed = Path.Combine(Folder, "node_modules", ".locked");
        var locked = await File.ReadAllTextAsync(Path.Combine(Folder, "package-lock.json"));
        if (File.Exists(installed) && await File.ReadAllTextAsync(installed) == locked) return;
        await Command.RunAsync(Folder, [], null, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund");
        await File.WriteAllTextAsync(installed, locked);
    }
}
