using ModelRunner.Abstractions.Engines;

namespace ModelRunner.ModelStore;

/// <summary>Turns a file or folder on disk into a bundle, by names and sizes alone.</summary>
internal static class BundleReader
{
    private const string GenAiConfig = "genai_config.json";
    private const string ModelConfig = "config.json";
    private const string GraphFolder = "onnx";
    private const string GraphName = "model.onnx";

    // A template is some kilobytes; a bound keeps a stray file out of memory.
    private const int MaxTemplateSizeInBytes = 1 << 20;

    private static readonly string[] TemplateNames = ["chat_template.jinja", "template.jinja"];
    private static readonly string[] ResponseTemplateNames = ["response_template.json"];

    private static readonly EnumerationOptions Files = new() { IgnoreInaccessible = true, AttributesToSkip = 0 };

    /// <summary>The bundle at a path, or null when there is no model.</summary>
    public static ModelBundle? Read(string name, string path) =>
        File.Exists(path) ? ReadFile(name, new FileInfo(path))
        : Directory.Exists(path) ? ReadFolder(name, new DirectoryInfo(path))
        : null;

    /// <summary>The chat template beside a model, or null.</summary>
    public static string? ReadChatTemplate(DirectoryInfo? folder) => ReadTemplate(folder, TemplateNames);

    /// <summary>What stands beside a model of how its answers are written, or null.</summary>
    public static string? ReadResponseTemplate(DirectoryInfo? folder) => ReadTemplate(folder, ResponseTemplateNames);

    private static ModelBundle? ReadFile(string name, FileInfo file) =>
        IsFirstFile(file.Name) ? Make(name, file, onnxFolder: null, file.Directory, FilesOf(file)) : null;

    private static ModelBundle? ReadFolder(string name, DirectoryInfo folder)
    {
        var files = folder.EnumerateFiles("*", Files).OrderBy(file => file.Name, StringComparer.Ordinal).ToList();
        var gguf = files.Find(file => IsFirstFile(file.Name));
        var hasOnnx = files.Exists(file => file.Name == GenAiConfig) || IsEncoder(folder, files);
        if (gguf is null && !hasOnnx) return null;
        if (hasOnnx && Directory.Exists(Path.Combine(folder.FullName, GraphFolder)))
            files.AddRange(new DirectoryInfo(Path.Combine(folder.FullName, GraphFolder)).EnumerateFiles("*", Files));
        return Make(name, gguf, hasOnnx ? folder : null, folder, hasOnnx ? files : FilesOf(gguf!));
    }

    // As sentence-transformers and transformers.js write it.
    private static bool IsEncoder(DirectoryInfo folder, List<FileInfo> files) =>
        files.Exists(file => file.Name == ModelConfig)
        && (files.Exists(file => file.Name == GraphName) || File.Exists(Path.Combine(folder.FullName, GraphFolder, GraphName)));

    private static ModelBundle Make(
        string name,
        FileInfo? gguf,
        DirectoryInfo? onnxFolder,
        DirectoryInfo? folder,
        IReadOnlyList<FileInfo> files) => new()
        {
            Name = name,
            Formats = (gguf is null ? 0 : ModelFormat.Gguf) | (onnxFolder is null ? 0 : ModelFormat.OnnxGenAi),
            GgufPath = gguf?.FullName,
            OnnxFolder = onnxFolder?.FullName,
            ChatTemplateOverride = ReadChatTemplate(folder),
            ResponseTemplateOverride = ReadResponseTemplate(folder),
            SizeInBytes = files.Sum(file => file.Exists ? file.Length : 0),
            CreatedAt = new DateTimeOffset(files.Max(file => file.LastWriteTimeUtc)),
        };

    private static List<FileInfo> FilesOf(FileInfo gguf) =>
        [.. GgufShards.GetAll(gguf.FullName).Select(path => new FileInfo(path))];

    private static string? ReadTemplate(DirectoryInfo? folder, string[] names)
    {
        if (folder is null) return null;
        foreach (var name in names)
        {
            var file = new FileInfo(Path.Combine(folder.FullName, name));
            if (file.Exists && file.Length <= MaxTemplateSizeInBytes) return File.ReadAllText(file.FullName);
        }

        return null;
    }

    // mmproj files hold the image encoder that goes with a model: no model by themselves.
    private static bool IsFirstFile(string fileName) =>
        fileName.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase)
        && !fileName.Contains("mmproj", StringComparison.OrdinalIgnoreCase)
        && GgufShards.IsFirst(fileName);
}
