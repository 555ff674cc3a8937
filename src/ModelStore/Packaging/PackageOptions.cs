using ModelRunner.ModelStore.Artifacts;

namespace ModelRunner.ModelStore.Packaging;

/// <summary>What goes into a package beside the weights. Null for nothing.</summary>
public sealed record PackageOptions
{
    /// <summary>Paths of license texts.</summary>
    public IReadOnlyList<string> Licenses { get; init; } = [];

    /// <summary>Path of a chat template.</summary>
    public string? ChatTemplate { get; init; }

    /// <summary>Path of the image encoder.</summary>
    public string? Projector { get; init; }

    /// <summary>Tokens of a sequence.</summary>
    public int? ContextSize { get; init; }

    internal IEnumerable<(string Path, string MediaType)> GetFiles()
    {
        if (Projector is not null) yield return (Projector, MediaTypes.Projector);
        if (ChatTemplate is not null) yield return (ChatTemplate, MediaTypes.ChatTemplate);
        foreach (var license in Licenses) yield return (license, MediaTypes.License);
    }
}
