using System.Text.Json;
using ModelRunner.Abstractions.Errors;
using ModelRunner.Abstractions.Tokens;
using ModelRunner.Tokenizers.AddedTokens;
using ModelRunner.Tokenizers.Decoders;
using ModelRunner.Tokenizers.Json;
using ModelRunner.Tokenizers.Models;
using ModelRunner.Tokenizers.Normalizers;
using ModelRunner.Tokenizers.PreTokenizers;

namespace ModelRunner.Tokenizers;

/// <summary>Puts a tokenizer together from the files of a folder.</summary>
internal sealed class TokenizerLoader : IDisposable
{
    private const string Main = "tokenizer.json";
    private const string Config = "tokenizer_config.json";
    private const string SpecialMap = "special_tokens_map.json";
    private const string AddedMap = "added_tokens.json";

    private const int MaximumNames = 1 << 12;

    // transformers makes the template of these anew from add_bos_token and add_eos_token.
    private static readonly string[] TemplateClasses = ["LlamaTokenizer", "CodeLlamaTokenizer", "GemmaTokenizer", "CohereTokenizer"];

    private static readonly string[] NamedControls =
        ["bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"];

    private readonly string _folder;
    private readonly TokenizerFolderOptions _options;
    private readonly List<JsonDocument> _documents = [];

    public TokenizerLoader(string folder, TokenizerFolderOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(options.VocabularySize, nameof(options));
        (_folder, _options) = (folder, options);
    }

    public ITokenizer Load()
    {
        var main = Open(Main) ?? throw new ModelLoadException($"{Main}: the folder has none");
        var config = Open(Config);
        var map = Open(SpecialMap);

        var (model, vocabulary) = new ModelReader(_options.VocabularySize).Read(main.Get("model"));
        var added = new AddedTokenReader(vocabulary, _options.VocabularySize);
        added.AddList(main.Find("added_tokens"));
        added.AddDecoder(config?.Find("added_tokens_decoder"));
        if (Open(AddedMap) is { } addedMap)
            added.AddMap(addedMap);
        foreach (var name in NamedControls)
            if ((FindName(config, name) ?? FindName(map, name)) is { } text)
                added.AddControl(text);
        foreach (var text in ReadAdditional(config).Concat(ReadAdditional(map)))
            added.AddControl(text);

        var normalizer = main.Find("normalizer") is { } normalizerField ? NormalizerReader.Read(normalizerField) : null;
        var preTokenizer = main.Find("pre_tokenizer") is { } preTokenizerField ? PreTokenizerReader.Read(preTokenizerField) : null;
        var decoder = main.Find("decoder") is { } decoderField ? DecoderReader.Read(decoderField) : new TokenDecoder.Identity();
        var begin = FindId(added, config, map, "bos_token");
        var end = FindId(added, config, map, "eos_token");
        var special = main.Find("post_processor") is { } processor ? SpecialTokens.Read(processor, _options.VocabularySize) : SpecialTokens.None;

        return new FolderTokenizer(
            new EncodingPipeline(normalizer, preTokenizer, model, added.Tokens),
            new TokenTable(GetSize(vocabulary, added.Tokens), vocabulary, added.Tokens, decoder),
            Apply(config, special, begin, end),
            Limit(_options.BeginOfSequence ?? begin),
            [.. _options.EndOfSequence.Append(end).Where(id => Limit(id) >= 0).Distinct()]);
    }

    public void Dispose()
    {
        foreach (var document in _documents)
            document.Dispose();
    }

    private JsonField? Open(string file)
    {
        if (JsonFile.Find(_folder, file) is not { } document)
            return null;
        _documents.Add(document);
        return new JsonField(file, "", document.RootElement);
    }

    private int GetSize(Vocabulary vocabulary, IReadOnlyList<AddedToken> added) =>
        _options.VocabularySize > 0
            ? _options.VocabularySize
            : vocabulary.Ids.Values.Concat(added.Select(token => token.Id)).DefaultIfEmpty(-1).Max() + 1;

    private int Limit(int id) => _options.VocabularySize == 0 || id < _options.VocabularySize ? id : -1;

    private static SpecialTokens Apply(JsonField? config, SpecialTokens special, int begin, int end)
    {
        if (config is not { } field)
            return special;
        var name = field.FindText("tokenizer_class") ?? "";
        var isMadeAnew = TemplateClasses.Any(other => name == other || name == other + "Fast");
        var isBare = special.Before.Count + special.After.Count == 0;
        if (!isMadeAnew && !isBare)
            return special;

        var addsBegin = field.Find("add_bos_token")?.AsFlag();
        var addsEnd = field.Find("add_eos_token")?.AsFlag();
        return new SpecialTokens(Choose(addsBegin, begin, special.Before), Choose(addsEnd, end, special.After));

        static IReadOnlyList<int> Choose(bool? isWanted, int token, IReadOnlyList<int> otherwise) =>
            isWanted is null || (isWanted.Value && token < 0) ? otherwise : isWanted.Value ? [token] : [];
    }

    private static int FindId(AddedTokenReader added, JsonField? config, JsonField? map, string name) =>
        (FindName(config, name) ?? FindName(map, name)) is { } text ? added.Find(text) : -1;

    // A text, or an object with its flags.
    private static string? FindName(JsonField? file, string name) =>
        file?.Find(name) is not { } field ? null : field.IsObject ? field.FindText("content") : field.AsText();

    private static IEnumerable<string> ReadAdditional(JsonField? file) =>
        file?.Find("additional_special_tokens") is not { IsList: true } list
            ? []
            : list.Items(MaximumNames).Select(item => item.IsObject ? item.GetText("content") : item.AsText());
}
