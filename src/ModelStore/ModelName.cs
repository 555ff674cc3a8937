using System.Text;
using ModelRunner.ModelStore.Content;

namespace ModelRunner.ModelStore;

/// <summary>
/// Compares model names as Docker Model Runner does: the default registry, namespace and tag may be left out, the
/// name's case does not count, the tag's does.
/// </summary>
public static class ModelName
{
    internal const string HuggingFace = "huggingface.co/";
    internal const string HuggingFaceShort = "hf.co/";

    private const string DefaultNamespace = "ai/";
    private const string DefaultTag = "latest";

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

        if (name.StartsWith(HuggingFaceShort, StringComparison.OrdinalIgnoreCase)) name = HuggingFace + name[HuggingFaceShort.Length..];
        if (name.StartsWith(HuggingFace, StringComparison.OrdinalIgnoreCase)) name = WithoutRevision(name);
        var (path, tag) = Split(name);
        path = path.ToLowerInvariant();
        if (!path.Contains('/', StringComparison.Ordinal)) path = DefaultNamespace + path;
        return $"{path}:{(tag.Length > 0 ? tag : DefaultTag)}";
    }

    /// <summary>
    /// The digest that stands for a model that has none because it is used where it stands: Docker's command line takes a part
    /// of each model's digest without looking, and asks for models by it.
    /// </summary>
    public static string GetId(string name) => Digest.Of(Encoding.UTF8.GetBytes(GetKey(name))).ToString();

    /// <summary>Checks a name that a model is to get.</summary>
    /// <exception cref="Abstractions.Errors.InvalidRequestException">It is none that a registry or Hugging Face could have.</exception>
    internal static void Check(string name) => Registry.RegistryReference.Parse(WithoutRevision(name), new Transfer.TransferOptions());

    /// <summary>The name as it is listed: as written, with the default namespace where it has none.</summary>
    internal static string Complete(string name)
    {
        name = name.Trim();
        return name.Contains('/', StringComparison.Ordinal) ? name : DefaultNamespace + name;
    }

    /// <summary>The name with its path in lower case, the only one that registries know.</summary>
    internal static string LowerPath(string name)
    {
        var (path, _) = Split(name);
        return path.ToLowerInvariant() + name[path.Length..];
    }

    /// <summary>The name without what follows an <c>@</c>: a digest, or a revision on Hugging Face.</summary>
    internal static string WithoutRevision(string name) => name.Split('@')[0];

    /// <summary>The path and the tag, which is empty where there is none.</summary>
    internal static (string Path, string Tag) Split(string name)
    {
        // A colon before the last slash belongs to a registry's port.
        var colon = name.IndexOf(':', name.LastIndexOf('/') + 1);
        return colon < 0 ? (name, "") : (name[..colon], name[(colon + 1)..]);
    }
}
