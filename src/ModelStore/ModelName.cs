namespace ModelRunner.ModelStore;

/// <summary>
/// Compares model names as Docker Model Runner does: the default registry, namespace and tag may be left out, the
/// name's case does not count, the tag's does.
/// </summary>
public static class ModelName
{
    private const string DefaultNamespace = "ai/";
    private const string DefaultTag = "latest";
    private const string HuggingFace = "huggingface.co/";

    private static readonly string[] DefaultRegistries = ["index.docker.io/", "registry-1.docker.io/", "docker.io/"];

    /// <summary>The one spelling that all spellings of a name share.</summary>
    public static string GetKey(string name)
    {
        name = name.Trim();
        foreach (var registry in DefaultRegistries)
        {
            if (!name.StartsWith(registry, StringComparison.OrdinalIgnoreCase)) continue;
            name = name[registry.Length..];
            break;
        }

        if (name.StartsWith("hf.co/", StringComparison.OrdinalIgnoreCase)) name = HuggingFace + name["hf.co/".Length..];

        // A colon before the last slash belongs to a registry's port.
        var colon = name.IndexOf(':', name.LastIndexOf('/') + 1);
        var tag = colon < 0 ? DefaultTag : name[(colon + 1)..];
        var path = (colon < 0 ? name : name[..colon]).ToLowerInvariant();
        if (!path.Contains('/', StringComparison.Ordinal)) path = DefaultNamespace + path;
        return $"{path}:{tag}";
    }
}
