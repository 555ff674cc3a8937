namespace ModelRunner.ModelStore;

/// <summary>A model that a user names explicitly.</summary>
/// <param name="Name">The name to list it by.</param>
/// <param name="Path">A GGUF file, or a folder with one or with a <c>genai_config.json</c>.</param>
public sealed record ModelEntry(string Name, string Path)
{
    /// <summary>Reads <c>name=path</c>. Null when it is not of that form.</summary>
    public static ModelEntry? Parse(string text)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        return equals > 0 && equals < text.Length - 1 ? new(text[..equals].Trim(), text[(equals + 1)..].Trim()) : null;
    }
}
