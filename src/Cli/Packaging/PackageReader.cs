using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ModelRunner.Cli.Terminal;
using ModelRunner.Gguf;

namespace ModelRunner.Cli.Packaging;

/// <summary>Finds the files of a model on disk.</summary>
internal static partial class PackageReader
{
    private const string Prefix = "application/vnd.docker.ai.";

    /// <summary>A GGUF file with what goes with it.</summary>
    public static Package ReadGguf(string path, string? template, string? projector, IReadOnlyList<string> licenses, int? contextSize)
    {
        var files = new List<PackageFile> { new(Require(path), null, $"{Prefix}gguf.v3") };
        foreach (var shard in OtherShards(path)) files.Add(new PackageFile(Require(shard), null, $"{Prefix}gguf.v3"));
        if (projector is not null) files.Add(new PackageFile(Require(projector), null, $"{Prefix}mmproj"));
        if (template is not null) files.Add(new PackageFile(Require(template), null, $"{Prefix}chat.template.jinja"));
        files.AddRange(licenses.Select(license => new PackageFile(Require(license), null, $"{Prefix}license")));
        return new Package(files, Config(path, contextSize), isByPath: false);
    }

    /// <summary>A folder whose files keep their paths.</summary>
    public static Package ReadFolder(string folder, int? contextSize)
    {
        var files = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Select(path => (Path: path, Name: Path.GetRelativePath(folder, path).Replace(Path.DirectorySeparatorChar, '/')))
            .Where(file => !file.Name.Split('/').Any(segment => segment.StartsWith('.')))
            .OrderBy(file => file.Name, StringComparer.Ordinal)
            .ToList();
        var gguf = files.Find(file => IsGguf(file.Name)).Path;
        if (gguf is null && !files.Exists(file => Path.GetFileName(file.Name) == "genai_config.json"))
            throw new CommandFailedException(ExitCodes.Failure, $"'{folder}' has no GGUF file and no genai_config.json: it is no model.");
        var config = gguf is not null ? Config(gguf, contextSize)
            : new JsonObject { ["format"] = "onnx", ["size"] = Units.Bytes(files.Sum(file => new FileInfo(file.Path).Length)) };
        return new Package(
            [.. files.Select(file => new PackageFile(file.Path, file.Name, $"{Prefix}{(IsGguf(file.Name) ? "gguf.v3" : "model.file")}"))], config, isByPath: true);
    }

    // By the rule of llama.cpp's gguf-split.
    private static IEnumerable<string> OtherShards(string path) => FirstShard().Match(path) is { Success: true } match
        ? Enumerable.Range(2, Math.Max(int.Parse(match.Groups["count"].Value, CultureInfo.InvariantCulture) - 1, 0))
            .Select(index => $"{path[..match.Index]}-{index:D5}-of-{match.Groups["count"].Value}.gguf")
        : [];

    [GeneratedRegex(@"-00001-of-(?<count>[0-9]{5})\.gguf$")]
    private static partial Regex FirstShard();

    private static bool IsGguf(string name) =>
        name.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase) && !name.Contains("mmproj", StringComparison.OrdinalIgnoreCase);

    private static JsonObject Config(string path, int? contextSize)
    {
        try
        {
            var facts = GgufModelFacts.From(GgufFile.Read(path));
            var config = new JsonObject
            {
                ["format"] = "gguf",
                ["quantization"] = facts.Quantization,
                ["parameters"] = string.Create(CultureInfo.InvariantCulture, $"{facts.ParameterCount / 1e6:0.##} M"),
                ["architecture"] = facts.Architecture,
                ["size"] = Units.Bytes(facts.WeightsSizeInBytes),
            };
            if (contextSize is { } size) config["context_size"] = size;
            return config;
        }
        catch (GgufException exception)
        {
            throw new CommandFailedException(ExitCodes.Failure, $"'{path}' is no GGUF file that can be read: {exception.Message}");
        }
    }

    private static string Require(string path) =>
        File.Exists(path) ? path : throw new CommandFailedException(ExitCodes.NotFound, $"There is no file '{path}'.");
}
