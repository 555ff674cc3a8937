using System.Xml.Linq;

namespace ModelRunner.Architecture.Tests;

public sealed class ProjectReferenceTests
{
    // The arrows of the design: a project may reference these and no others.
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Abstractions"] = [],
        ["Gguf"] = [],
        ["Wire"] = [],
        ["ChatTemplates"] = ["Abstractions"],
        ["Grammars"] = ["Abstractions"],
        ["Tokenizers"] = ["Abstractions"],
        ["ModelStore"] = ["Abstractions", "Gguf"],
        ["Generation"] = ["Abstractions", "ChatTemplates", "Grammars"],
        ["Engines.LlamaCpp"] = ["Abstractions", "Gguf"],
        ["Engines.Onnx"] = ["Abstractions", "Tokenizers"],
        ["Export"] = ["Abstractions", "Gguf"],
        ["Runtime"] = ["Abstractions", "ModelStore"],
        ["Server"] =
        [
            "Abstractions", "ChatTemplates", "Engines.LlamaCpp", "Engines.Onnx", "Export", "Generation", "Gguf",
            "Grammars", "ModelStore", "Runtime", "Tokenizers", "Wire",
        ],
        ["Cli"] = ["Export", "Wire"],
    };

    // Packages with a wall around them: only these projects may use them.
    private static readonly Dictionary<string, string[]> PackageOwners = new()
    {
        ["FastEndpoints"] = ["Server"],
        ["Microsoft.ML.OnnxRuntime"] = ["Engines.Onnx"],
        ["Microsoft.ML.Tokenizers"] = ["Tokenizers"],
    };

    public static TheoryData<string> Projects => [.. Sources.Projects.Select(path => Path.GetFileNameWithoutExtension(path))];

    [Theory]
    [MemberData(nameof(Projects))]
    public void Project_References_AreThoseOfTheDesign(string project)
    {
        Assert.True(Allowed.TryGetValue(project, out var allowed), $"{project} is not in the design");
        var references = Read(project, "ProjectReference").Select(path => Path.GetFileNameWithoutExtension(path.Replace('\\', '/')));

        Assert.Empty(references.Except(allowed!));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void Project_Packages_BelongToIt(string project)
    {
        foreach (var package in Read(project, "PackageReference"))
            if (PackageOwners.FirstOrDefault(owner => package.StartsWith(owner.Key, StringComparison.Ordinal)).Value is { } owners)
                Assert.Contains(project, owners);
    }

    [Fact]
    public void Abstractions_Packages_AreNone() => Assert.Empty(Read("Abstractions", "PackageReference"));

    private static IEnumerable<string> Read(string project, string item) =>
        XDocument.Load(Path.Combine(Sources.Root, "src", project, $"{project}.csproj"))
            .Descendants(item)
            .Select(element => (string)element.Attribute("Include")!);
}
