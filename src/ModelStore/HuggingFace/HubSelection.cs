using ModelRunner.Abstractions.Errors;
using ModelRunner.ModelStore.Packaging;

namespace ModelRunner.ModelStore.HuggingFace;

/// <summary>
/// Chooses the files of one model in a repository, which often holds many. Pure. GGUF as Docker Model Runner does: the
/// quantisation that is asked for, else Q4_K_M, else the first, always with all shards. An ONNX model is a folder with a
/// <c>genai_config.json</c>.
/// </summary>
/// <param name="Files">The files.</param>
/// <param name="Folder">The folder that their paths are relative to, with a slash at its end; empty for the repository.</param>
/// <param name="Format">One of <see cref="FileKinds"/>.</param>
internal sealed record HubSelection(IReadOnlyList<HubFile> Files, string Folder, string Format)
{
    private const string DefaultQuantization = "Q4_K_M";
    private const int MaxChoices = 20;

    /// <exception cref="ModelNotFoundException">There is nothing of that choice.</exception>
    public static HubSelection Of(HubReference reference, IReadOnlyList<HubFile> listing)
    {
        var weights = listing.Where(file => IsGguf(file) && !FileKinds.IsProjector(file.Path!)).OrderBy(file => file.Path, StringComparer.Ordinal).ToList();
        var folders = listing.Where(file => file.Path!.Split('/')[^1] == FileKinds.GenAiConfig)
            .Select(file => file.Path![..^FileKinds.GenAiConfig.Length]).Order(StringComparer.Ordinal).ToList();
        return ChooseFolder(reference.Choice, folders, weights.Count > 0) is { } folder ? OfFolder(folder, folders, listing)
            : ChooseWeights(reference.Choice, weights) is { Count: > 0 } chosen ? OfWeights(chosen, listing)
            : throw NotFound(reference, weights, folders);
    }

    private static string? ChooseFolder(string? choice, List<string> folders, bool hasWeights)
    {
        if (choice is not null && !choice.Equals(FileKinds.Onnx, StringComparison.OrdinalIgnoreCase))
            return folders.Find(folder => folder.TrimEnd('/').Replace('/', '.').Equals(choice, StringComparison.OrdinalIgnoreCase))
                ?? folders.Find(folder => folder.Split('/').Contains(choice, StringComparer.OrdinalIgnoreCase));
        if (choice is null && hasWeights) return null;

        // What runs on any machine first, and of that the smallest numbers.
        return folders.OrderByDescending(folder => folder.Contains("cpu", StringComparison.OrdinalIgnoreCase))
            .ThenByDescending(folder => folder.Contains("int4", StringComparison.OrdinalIgnoreCase))
            .FirstOrDefault();
    }

    // Folders inside the folder belong to it, unless they are models by themselves.
    private static HubSelection OfFolder(string folder, List<string> folders, IReadOnlyList<HubFile> listing)
    {
        var inner = folders.Where(other => other.Length > folder.Length && other.StartsWith(folder, StringComparison.Ordinal)).ToList();
        var files = listing.Where(file => file.Path!.StartsWith(folder, StringComparison.Ordinal)
            && !inner.Exists(other => file.Path.StartsWith(other, StringComparison.Ordinal))
            && !file.Path[folder.Length..].Split('/').Any(segment => segment.StartsWith('.'))
            && (folder.Length > 0 || !IsGguf(file)));
        return new HubSelection([.. files], folder, FileKinds.Onnx);
    }

    private static HubSelection OfWeights(List<HubFile> weights, IReadOnlyList<HubFile> listing)
    {
        var projectors = listing.Where(file => IsGguf(file) && FileKinds.IsProjector(file.Path!)).OrderBy(file => file.Path, StringComparer.Ordinal).ToList();
        var projector = projectors.Find(file => file.Path!.Contains("f16", StringComparison.OrdinalIgnoreCase)) ?? projectors.FirstOrDefault();
        var template = listing.FirstOrDefault(file => file.Path is "chat_template.jinja");
        var license = listing.FirstOrDefault(file => file.Path!.StartsWith("LICENSE", StringComparison.OrdinalIgnoreCase));
        return new HubSelection([.. weights, .. new[] { projector, template, license }.OfType<HubFile>()], "", FileKinds.Gguf);
    }

    private static List<HubFile> ChooseWeights(string? choice, List<HubFile> weights)
    {
        if (weights.Count == 1 && (choice is null || HasQuantization(weights[0].Path!, choice))) return weights;
        var first = choice is not null ? weights.Find(file => HasQuantization(file.Path!, choice))
            : weights.Find(file => HasQuantization(file.Path!, DefaultQuantization)) ?? weights.FirstOrDefault();
        if (first is null) return [];
        var shards = GgufShards.GetAll(first.Path!).ToHashSet(StringComparer.Ordinal);
        return [.. weights.Where(file => shards.Contains(file.Path!))];
    }

    // Between separators or the ends: "model-Q4_K_M.gguf", "Q8_0/model-00001-of-00002.gguf".
    private static bool HasQuantization(string path, string quantization)
    {
        for (var at = 0; (at = path.IndexOf(quantization, at, StringComparison.OrdinalIgnoreCase)) >= 0; at++)
        {
            var end = at + quantization.Length;
            if ((at == 0 || IsSeparator(path[at - 1])) && (end == path.Length || IsSeparator(path[end]))) return true;
        }

        return false;
    }

    private static bool IsSeparator(char character) => character is '-' or '.' or '_' or '/';

    private static bool IsGguf(HubFile file) => file.Path!.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase);

    private static ModelNotFoundException NotFound(HubReference reference, List<HubFile> weights, List<string> folders)
    {
        var choices = weights.Select(file => file.Path!).Concat(folders.Select(folder => folder.TrimEnd('/').Replace('/', '.'))).Take(MaxChoices).ToList();
        return new ModelNotFoundException(
            choices.Count == 0
                ? $"The repository '{reference.Owner}/{reference.Repository}' has no GGUF file and no folder with a genai_config.json."
                : $"The repository '{reference.Owner}/{reference.Repository}' has nothing for '{reference.Choice}'. There is: {string.Join(", ", choices)}.");
    }
}
