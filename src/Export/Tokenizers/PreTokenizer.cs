using ModelRunner.Export.GenAi;

namespace ModelRunner.Export.Tokenizers;

/// <summary>
/// How a byte-level vocabulary cuts text before it joins pieces: regular expressions, each of which cuts what the one
/// before left. Named and written as in llama.cpp (<c>llama_vocab::impl::load</c> and <c>llm_tokenizer_bpe</c>).
/// </summary>
/// <param name="Patterns">Applied one after the other; each match is a word, and so is what lies between matches.</param>
/// <param name="IgnoresMerges">A word that is a token is taken whole.</param>
/// <param name="AddsBegin">Whether a begin token is added where the file does not say.</param>
internal sealed record PreTokenizer(IReadOnlyList<string> Patterns, bool IgnoresMerges = false, bool AddsBegin = false)
{
    private const string Gpt2Pattern = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)";

    private static readonly PreTokenizer Gpt2 = new([Gpt2Pattern]);

    private static readonly PreTokenizer Llama3 = new(
        [@"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"],
        IgnoresMerges: true, AddsBegin: true);

    private static readonly PreTokenizer Qwen2 = new(
        [@"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"]);

    private static readonly PreTokenizer SingleDigits = new([@"\p{N}", Gpt2Pattern]);

    private static readonly PreTokenizer Default = new(
        [@"[\p{P}\$\+<=>\^~\|]+", Gpt2Pattern, @"\p{N}+", "[0-9][0-9][0-9]"]);

    private static readonly PreTokenizer Tekken = new(
        [@"[^\r\n\p{L}\p{N}]?((?=[\p{L}])([^a-z]))*((?=[\p{L}])([^A-Z]))+|[^\r\n\p{L}\p{N}]?((?=[\p{L}])([^a-z]))+((?=[\p{L}])([^A-Z]))*"
            + @"|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"],
        IgnoresMerges: true, AddsBegin: true);

    private static readonly Dictionary<string, PreTokenizer> ByName = new(StringComparer.Ordinal)
    {
        ["default"] = Default,
        ["gpt-2"] = Gpt2,
        ["phi-2"] = Gpt2,
        ["gigachat"] = Gpt2,
        ["llama3"] = Llama3,
        ["llama-v3"] = Llama3,
        ["llama-bpe"] = Llama3,
        ["falcon3"] = Llama3,
        ["falcon-h1"] = Llama3,
        ["pixtral"] = Tekken,
        ["tekken"] = Tekken,
        ["smaug-bpe"] = Llama3 with { IgnoresMerges = false, AddsBegin = false },
        ["qwen2"] = Qwen2,
        ["deepseek-r1-qwen"] = Qwen2,
        ["smollm"] = SingleDigits,
        ["starcoder"] = SingleDigits,
        ["refact"] = SingleDigits,
        ["command-r"] = SingleDigits,
        ["codeshell"] = SingleDigits,
        ["exaone"] = SingleDigits,
    };

    /// <exception cref="ConversionException">The name is not known.</exception>
    public static PreTokenizer From(string name) => ByName.TryGetValue(name, out var known) ? known
        : throw new ConversionException($"'tokenizer.ggml.pre' is '{name}', which cannot be converted: {string.Join(", ", ByName.Keys)} can");
}
