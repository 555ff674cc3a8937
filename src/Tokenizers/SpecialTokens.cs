using ModelRunner.Tokenizers.Json;

namespace ModelRunner.Tokenizers;

/// <summary>The tokens that a post-processor puts around one text.</summary>
/// <param name="Before">Those before it.</param>
/// <param name="After">Those behind it.</param>
internal sealed record SpecialTokens(IReadOnlyList<int> Before, IReadOnlyList<int> After)
{
    private const int MaximumSteps = 64;

    public static SpecialTokens None { get; } = new([], []);

    /// <summary>Reads <c>post_processor</c> of a <c>tokenizer.json</c>.</summary>
    /// <param name="field">The post-processor.</param>
    /// <param name="limit">Tokens from this id on are left out; 0 for none.</param>
    public static SpecialTokens Read(JsonField field, int limit)
    {
        var type = field.GetText("type");
        switch (type)
        {
            case "ByteLevel":
                return None;
            case "Sequence":
                return field.Get("processors").Items(MaximumSteps).Aggregate(None, (inner, step) => Read(step, limit).Around(inner));
            case "TemplateProcessing":
                return ReadTemplate(field, limit);
            case "BertProcessing" or "RobertaProcessing":
                return new SpecialTokens(ReadPair(field.Get("cls"), limit), ReadPair(field.Get("sep"), limit));
            default:
                throw field.Get("type").Wrong($"is '{type}', which is not supported");
        }
    }

    private SpecialTokens Around(SpecialTokens inner) => new([.. Before, .. inner.Before], [.. inner.After, .. After]);

    // A text and its id.
    private static List<int> ReadPair(JsonField field, int limit)
    {
        var items = field.Items(2).ToArray();
        return items.Length == 2 ? Limit([items[1]], limit) : throw field.Wrong("must be a token and its id");
    }

    private static SpecialTokens ReadTemplate(JsonField field, int limit)
    {
        var before = new List<int>();
        var after = new List<int>();
        var texts = 0;
        foreach (var item in field.Get("single").Items(MaximumSteps))
        {
            if (item.Find("SpecialToken") is { } token)
            {
                var ids = field.Get("special_tokens").Get(token.GetText("id")).Get("ids").Items(MaximumSteps);
                (texts == 0 ? before : after).AddRange(Limit(ids, limit));
            }
            else if (item.Get("Sequence").GetText("id") == "A")
                texts++;
            else
                throw item.Wrong("is a second text, where there is one");
        }

        return texts == 1 ? new SpecialTokens(before, after) : throw field.Get("single").Wrong("must hold the text once");
    }

    private static List<int> Limit(IEnumerable<JsonField> ids, int limit) =>
        [.. ids.Select(id => id.AsInteger(0, (1 << 21) - 1)).Where(id => limit == 0 || id < limit)];
}
