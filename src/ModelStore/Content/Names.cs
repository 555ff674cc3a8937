using ModelRunner.ModelStore.Artifacts;

namespace ModelRunner.ModelStore.Content;

/// <summary>
/// The names of index entries. Pure. The index has them in lower case but for the tag, which is what Docker Model Runner
/// reads; the spelling of the user stands beside it.
/// </summary>
internal static class Names
{
    /// <summary>The names as users wrote them.</summary>
    public static IReadOnlyList<string> Of(ModelsEntry entry)
    {
        var written = (entry.Written ?? []).ToLookup(ModelName.GetKey, StringComparer.Ordinal);
        return [.. (entry.Tags ?? []).Select(tag => written[ModelName.GetKey(tag)].FirstOrDefault() ?? tag)];
    }

    public static bool Has(ModelsEntry entry, string name)
    {
        var key = ModelName.GetKey(name);
        return (entry.Tags ?? []).Any(tag => ModelName.GetKey(tag) == key);
    }

    public static ModelsEntry Without(ModelsEntry entry, string name)
    {
        var key = ModelName.GetKey(name);
        var written = entry.Written?.Where(other => ModelName.GetKey(other) != key).ToList();
        return entry with
        {
            Tags = [.. (entry.Tags ?? []).Where(tag => ModelName.GetKey(tag) != key)],
            Written = written is { Count: > 0 } ? written : null,
        };
    }

    /// <summary>Gives a name to one model, and takes it from the others.</summary>
    public static IReadOnlyList<ModelsEntry> Move(IEnumerable<ModelsEntry> models, string id, string name) =>
        [.. models.Select(entry => entry.Id == id ? With(entry, name) : Has(entry, name) ? Without(entry, name) : entry)];

    /// <summary>The beginning of the digest that a name is: 12 or 64 hex digits, <c>sha256:</c> with 64, or after an <c>@</c>; else null.</summary>
    public static string? GetId(string name)
    {
        var at = name.IndexOf("@sha256:", StringComparison.Ordinal);
        var text = at >= 0 ? name[(at + 1)..] : name;
        if (Digest.TryParse(text, out var digest) || Digest.TryParseHex(text, out digest)) return digest.ToString();
        return text.Length == 12 && text.All(digit => char.IsAsciiHexDigitLower(digit)) ? $"sha256:{text}" : null;
    }

    private static ModelsEntry With(ModelsEntry entry, string name)
    {
        name = ModelName.Complete(name);
        var stored = ModelName.LowerPath(name);
        if (Has(entry, name)) return entry;
        return entry with
        {
            Tags = [.. entry.Tags ?? [], stored],
            Written = stored == name ? entry.Written : [.. entry.Written ?? [], name],
        };
    }
}
