using System.Globalization;
using ModelRunner.Tokenizers.Json;
using ModelRunner.Tokenizers.Models;

namespace ModelRunner.Tokenizers.AddedTokens;

/// <summary>
/// Puts together the added tokens as transformers does: those of <c>tokenizer.json</c>, over them
/// <c>added_tokens_decoder</c> of <c>tokenizer_config.json</c>, then <c>added_tokens.json</c> and the named control
/// tokens that are not yet among them.
/// </summary>
internal sealed class AddedTokenReader(Vocabulary vocabulary, int vocabularyLimit)
{
    private const int MaximumTokens = 1 << 17;
    private const int MaximumId = 1 << 21;
    private const int MaximumLength = 1 << 12;

    private readonly OrderedDictionary<string, AddedToken> _tokens = new(StringComparer.Ordinal);

    public IReadOnlyList<AddedToken> Tokens => [.. _tokens.Values];

    /// <summary>Reads a list of objects with <c>id</c> and <c>content</c>.</summary>
    public void AddList(JsonField? list)
    {
        if (list is null)
            return;
        foreach (var item in list.Value.Items(MaximumTokens))
            Add(item, item.Get("id").AsInteger(0, MaximumId));
    }

    /// <summary>Reads an object from ids to objects with <c>content</c>.</summary>
    public void AddDecoder(JsonField? decoder)
    {
        if (decoder is not { } field)
            return;
        if (!field.IsObject)
            throw field.Wrong("must be an object");
        foreach (var entry in field.Value.EnumerateObject())
        {
            if (!int.TryParse(entry.Name, NumberStyles.None, CultureInfo.InvariantCulture, out var id) || id > MaximumId)
                throw field.Wrong($"has the id '{entry.Name}', which is no integer in [0, {MaximumId}]");
            Add(field.Get(entry.Name), id);
        }
    }

    /// <summary>Reads an object from texts to ids.</summary>
    public void AddMap(JsonField map)
    {
        if (!map.IsObject)
            throw map.Wrong("must be an object");
        foreach (var entry in map.Value.EnumerateObject())
            if (!_tokens.ContainsKey(entry.Name))
                Add(new AddedToken(map.Get(entry.Name).AsInteger(0, MaximumId), entry.Name) { IsNormalized = true }, map);
    }

    /// <summary>Makes the text of a named control token an added one, where it is a token at all.</summary>
    public void AddControl(string text)
    {
        if (text.Length > 0 && !_tokens.ContainsKey(text) && vocabulary.Find(text) is var id and >= 0)
            _tokens[text] = new AddedToken(id, text) { IsSpecial = true };
    }

    /// <summary>The id of a text, or -1.</summary>
    public int Find(string text) => _tokens.TryGetValue(text, out var token) ? token.Id : vocabulary.Find(text);

    private void Add(JsonField field, int id)
    {
        var isSpecial = field.GetFlag("special", false);
        Add(
            new AddedToken(id, field.GetText("content"))
            {
                IsSpecial = isSpecial,
                StripsLeft = field.GetFlag("lstrip", false),
                StripsRight = field.GetFlag("rstrip", false),
                IsSingleWord = field.GetFlag("single_word", false),
                IsNormalized = field.GetFlag("normalized", !isSpecial),
            },
            field);
    }

    private void Add(AddedToken token, JsonField field)
    {
        if (token.Content.Length > MaximumLength)
            throw field.Wrong($"has a token of {token.Content.Length} characters, the limit is {MaximumLength}");
        if (_tokens.Count == MaximumTokens)
            throw field.Wrong($"makes more than {MaximumTokens} added tokens");
        if (token.Content.Length > 0 && (vocabularyLimit == 0 || token.Id < vocabularyLimit))
            _tokens[token.Content] = token;
    }
}
