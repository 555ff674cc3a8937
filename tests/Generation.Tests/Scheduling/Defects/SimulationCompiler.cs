using System.Reflection;
using System.Runtime.Loader;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using ModelRunner.Testing;

namespace ModelRunner.Generation.Tests.Scheduling.Defects;

/// <summary>
/// Compiles the scheduler and what it stands on together with the simulation, from their sources, into an assembly of its own: what is
/// tested with a defect is the real code with one change, and nothing in the product knows of it.
/// </summary>
internal sealed class SimulationCompiler
{
    private const string Usings = """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Threading;
        global using System.Threading.Tasks;
        global using Xunit;
        """;

    private static readonly CSharpParseOptions Language = new(LanguageVersion.CSharp14);

    private readonly Dictionary<string, SyntaxTree> _trees;
    private readonly CSharpCompilation _compilation;

    public SimulationCompiler()
    {
        var root = Repository.Root;
        string[] folders = ["Scheduling", "Sampling", "Text", "Gate", "Requests"];
        string[] files =
        [
            .. folders.SelectMany(folder => Directory.EnumerateFiles(Path.Combine(root, "src", "Generation", folder), "*.cs")),
            .. Directory.EnumerateFiles(Path.Combine(root, "tests", "Generation.Tests", "Scheduling"), "*.cs")
                .Where(path => !path.EndsWith("Tests.cs", StringComparison.Ordinal)),
            Path.Combine(root, "tests", "Testing", "ScriptedDecodeSession.cs"),
            Path.Combine(root, "tests", "Testing", "FakeTokenizer.cs"),
        ];
        _trees = files.ToDictionary(path => path, path => Parse(File.ReadAllText(path), path));
        _compilation = CSharpCompilation.Create(
            "Simulation",
            [Parse(Usings, "usings"), .. _trees.Values],
            References(),
            new CSharpCompilationOptions(
                OutputKind.DynamicallyLinkedLibrary,
                optimizationLevel: OptimizationLevel.Release,
                nullableContextOptions: NullableContextOptions.Enable,
                allowUnsafe: true,
                concurrentBuild: false));
    }

    /// <summary>The simulation of one seed, with a defect or without. It throws what the simulation throws.</summary>
    public Action<int> Compile(PlantedDefect? defect)
    {
        var compilation = defect is null ? _compilation : Plant(defect);
        using var image = new MemoryStream();
        var result = compilation.Emit(image);
        Assert.True(result.Success, string.Join('\n', result.Diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error)));

        image.Position = 0;
        var assembly = new AssemblyLoadContext(defect?.Name ?? "whole", isCollectible: true).LoadFromStream(image);
        var coverage = assembly.GetType(typeof(Coverage).FullName!, throwOnError: true)!;
        var simulation = assembly.GetType(typeof(Simulation).FullName!, throwOnError: true)!;
        return seed =>
        {
            using var life = (IDisposable)Activator.CreateInstance(simulation, seed, Activator.CreateInstance(coverage))!;
            try
            {
                simulation.GetMethod(nameof(Simulation.Run))!.Invoke(life, null);
            }
            catch (TargetInvocationException exception)
            {
                throw exception.InnerException!;
            }
        };
    }

    private CSharpCompilation Plant(PlantedDefect defect)
    {
        var (path, tree) = _trees.Single(file => Path.GetFileName(file.Key) == defect.File);
        var source = tree.ToString();
        Assert.True(source.Split(defect.Text).Length == 2, $"'{defect.Text}' stands not once in {defect.File}");
        return _compilation.ReplaceSyntaxTree(tree, Parse(source.Replace(defect.Text, defect.Replacement, StringComparison.Ordinal), path));
    }

    private static SyntaxTree Parse(string source, string path) => CSharpSyntaxTree.ParseText(source.ReplaceLineEndings("\n"), Language, path);

    private static IEnumerable<MetadataReference> References() =>
        ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => Path.GetFileName(path) is not ("ModelRunner.Generation.dll" or "ModelRunner.Generation.Tests.dll" or "ModelRunner.Testing.dll"))
            .Select(path => MetadataReference.CreateFromFile(path));
}
