using ModelRunner.Abstractions.Errors;
using ModelRunner.Abstractions.Tokens;

namespace ModelRunner.Tokenizers;

/// <summary>Reads the tokenizer of a Hugging Face model folder.</summary>
public static class TokenizerFolder
{
    /// <summary>
    /// The tokenizer that <c>tokenizer.json</c> describes, with what <c>tokenizer_config.json</c>,
    /// <c>special_tokens_map.json</c> and <c>added_tokens.json</c> add to it where they are present.
    /// </summary>
    /// <param name="folder">Full path of the folder.</param>
    /// <param name="options">What the model's configuration says; null for nothing.</param>
    /// <returns>Thread-safe; holds no file open.</returns>
    /// <exception cref="ModelLoadException">A file is missing, broken or of a kind that is not supported: the message
    /// names file and field.</exception>
    public static ITokenizer Load(string folder, TokenizerFolderOptions? options = null)
    {
        using var loader = new TokenizerLoader(folder, options ?? new TokenizerFolderOptions());
        try
        {
            return loader.Load();
        }
        catch (InvalidOperationException exception)
        {
            // JSON leaves it to the reader of a string to see that it is no text.
            throw new ModelLoadException("the tokenizer's files: a string holds bytes or escapes that are no text", exception);
        }
    }

    /// <summary>The chat templates of the folder by name; the empty name is the default one. Empty for a base model.</summary>
    /// <param name="folder">Full path of the folder.</param>
    /// <exception cref="ModelLoadException">A file is broken.</exception>
    public static IReadOnlyDictionary<string, string> ReadChatTemplates(string folder) => ChatTemplateFiles.Read(folder);

    /// <summary>JSON of the folder's <c>response_template</c>, which says how answers are written; null for none.</summary>
    /// <param name="folder">Full path of the folder.</param>
    /// <exception cref="ModelLoadException">A file is broken.</exception>
    public static string? ReadResponseTemplate(string folder) => ChatTemplateFiles.ReadResponseTemplate(folder);
}
