using System.Text.RegularExpressions;

namespace ModelRunner.Architecture.Tests;

/// <summary>The source files of the checkout.</summary>
internal static partial class Sources
{
    public static string Root { get; } = FindRoot();

    /// <summary>The project files below <c>src</c>.</summary>
    public static IReadOnlyList<string> Projects { get; } =
        [.. Directory.EnumerateFiles(Path.Combine(Root, "src"), "*.csproj", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];

    /// <summary>The C# files of the product, without what a build writes.</summary>
    public static IReadOnlyList<string> Product { get; } = Find("src");

    /// <summary>All C# files.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Product, .. Find("tests"), .. Find("bench"), .. Find("tools")];

    /// <summary>The names of the types that a file declares.</summary>
    public static IEnumerable<string> GetTypes(string path) =>
        Declaration().Matches(File.ReadAllText(path)).Select(match => match.Groups["name"].Value);

    private static List<string> Find(string folder) =>
        !Directory.Exists(Path.Combine(Root, folder)) ? [] :
        [
            .. Directory.EnumerateFiles(Path.Combine(Root, folder), "*.cs", SearchOption.AllDirectories)
                .Where(path => !BuildOutput().IsMatch(Path.GetRelativePath(Root, path)))
                .Order(StringComparer.Ordinal),
        ];

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "ModelRunner.sln")))
                return folder.FullName;

        throw new InvalidOperationException("The tests run outside their checkout: no ModelRunner.sln above them.");
    }

    [GeneratedRegex(@"^\s*(?:(?:public|internal|private|protected|static|sealed|abstract|readonly|ref|partial|unsafe|file)\s+)*(?:class|record struct|record|struct|interface|enum)\s+(?<name>[A-Z]\w*)", RegexOptions.Multiline)]
    private static partial Regex Declaration();

    [GeneratedRegex(@"[\\/](obj|bin|node_modules)[\\/]")]
    private static partial Regex BuildOutput();
}
