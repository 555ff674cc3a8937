using System.Text.Json;
using ModelRunner.Grammars.Regex;

namespace ModelRunner.Grammars.Schema;

/// <summary>
/// What a subschema allows of strings, numbers and the three constants. Boolean keywords are boolean algebra of
/// regular languages here, so that all of them are exact. Null stands for everything of the type.
/// </summary>
internal sealed class ScalarLanguage(SchemaDocument document, RxBuilder rx, SchemaOptions options)
{
    private readonly Dictionary<(int Node, JsonType Type, bool AnySpelling), Rx?> _known = [];
    private readonly HashSet<(int, JsonType)> _open = [];
    private readonly Dictionary<string, Rx> _patterns = [];
    private PatternCompiler? _compiler;

    public TextEncoding Text { get; } = MakeText(rx);

    public NumberLanguage Numbers { get; } = new(rx);

    private PatternCompiler Patterns => _compiler ??= new PatternCompiler(rx, Text);

    /// <summary>The language of a type's values: what stands between the quotes, for strings.</summary>
    /// <param name="node">The subschema.</param>
    /// <param name="type">The type.</param>
    /// <param name="anySpelling">Whether constants come in all their spellings, as a complement needs.</param>
    public Rx? Get(SchemaNode node, JsonType type, bool anySpelling)
    {
        if (_known.TryGetValue((node.Id, type, anySpelling), out var known))
            return known;
        if (!_open.Add((node.Id, type)))
            throw node.Refuse("$ref", "leads back to itself");

        rx.CountStep();
        var result = Make(node, type, anySpelling);
        _open.Remove((node.Id, type));
        return _known[(node.Id, type, anySpelling)] = result;
    }

    /// <summary>Values that a subschema refuses.</summary>
    public Rx? GetComplement(SchemaNode node, JsonType type) => Complement(Get(node, type, anySpelling: true), type);

    public Rx? And(Rx? a, Rx? b) => a is null ? b : b is null ? a : rx.And(a, b);

    /// <summary>The texts in which a pattern matches.</summary>
    public Rx Search(SchemaNode node, string keyword, string pattern)
    {
        if (_patterns.TryGetValue(pattern, out var known))
            return known;

        try
        {
            return _patterns[pattern] = Patterns.Search(pattern);
        }
        catch (RegexSyntaxException exception)
        {
            throw node.Refuse(keyword, $"holds the pattern '{pattern}', which {exception.Message}");
        }
    }

    private static TextEncoding MakeText(RxBuilder rx)
    {
        var text = new TextEncoding(rx, isJson: true);
        rx.AllText = text.AnyText;
        return text;
    }

    private Rx? Make(SchemaNode node, JsonType type, bool anySpelling)
    {
        if (node.IsConstant)
            return Constant(node.Element, type, anySpelling);
        if (!node.IsObject)
            return node.IsTrue ? null : rx.Nothing;
        if (document.ReferencesStandAlone && node.TryGet("$ref", out var alone))
            return Get(document.Resolve(node, "$ref", alone), type, anySpelling);

        Rx? result = null;
        foreach (var member in node.Element.EnumerateObject())
        {
            result = And(result, Keyword(node, member.Name, member.Value, type, anySpelling));
            if (result is { IsNothing: true })
                return result;
        }

        return result;
    }

    private Rx? Keyword(SchemaNode node, string keyword, JsonElement value, JsonType type, bool anySpelling)
    {
        switch (keyword)
        {
            case "$ref" or "$dynamicRef" or "$recursiveRef":
                return Get(document.Resolve(node, keyword, value), type, anySpelling);
            case "type":
                if (!Keywords.Allows(node, value, type))
                    return rx.Nothing;
                if (type != JsonType.Number || !Keywords.IsIntegerOnly(value))
                    return null;
                return (anySpelling || options.AnyNumberForms) && !document.IsDraft4 ? Numbers.IntegerAnySpelling : Numbers.Integer;
            case "const":
                return Constant(value, type, anySpelling);
            case "enum":
                Keywords.RequireArray(node, keyword, value);
                return Union([.. value.EnumerateArray().Select(item => Constant(item, type, anySpelling))]);
            case "allOf":
                return document.Children(node, keyword, value)
                    .Aggregate((Rx?)null, (all, child) => And(all, Get(child, type, anySpelling)));
            case "anyOf":
                return Union([.. document.Children(node, keyword, value).Select(child => Get(child, type, anySpelling))]);
            case "oneOf":
                return ExactlyOne([.. document.Children(node, keyword, value)], type, anySpelling);
            case "not":
                return GetComplement(document.Child(node, keyword, null, value), type);
            case "if":
                return Conditional(node, document.Child(node, keyword, null, value), type, anySpelling);
            default:
                return type switch
                {
                    JsonType.String => StringKeyword(node, keyword, value),
                    JsonType.Number => NumberKeyword(node, keyword, value),
                    _ => null,
                };
        }
    }

    private Rx? StringKeyword(SchemaNode node, string keyword, JsonElement value)
    {
        switch (keyword)
        {
            case "minLength":
                var min = Keywords.Count(node, keyword, value);
                return min == 0 ? null : rx.Repeat(Text.AnyChar, min, node.TryGet("maxLength", out var most) ? Keywords.Count(node, "maxLength", most) : Rx.Unbounded);
            case "maxLength":
                return node.TryGet("minLength", out var least) && Keywords.Count(node, "minLength", least) > 0
                    ? null
                    : rx.Repeat(Text.AnyChar, 0, Keywords.Count(node, keyword, value));
            case "pattern":
                return Search(node, keyword, Keywords.Text(node, keyword, value));
            case "format" when value.ValueKind == JsonValueKind.String && Formats.Find(value.GetString()!) is { } pattern:
                return Search(node, keyword, "^(?:" + pattern + ")$");
            default:
                return null;
        }
    }

    private Rx? NumberKeyword(SchemaNode node, string keyword, JsonElement value)
    {
        switch (keyword)
        {
            case "minimum":
                return Numbers.AtLeast(Keywords.Number(node, keyword, value), IsExclusive(node, "exclusiveMinimum"));
            case "maximum":
                return Numbers.AtMost(Keywords.Number(node, keyword, value), IsExclusive(node, "exclusiveMaximum"));
            case "exclusiveMinimum" when value.ValueKind is not (JsonValueKind.True or JsonValueKind.False):
                return Numbers.AtLeast(Keywords.Number(node, keyword, value), isExclusive: true);
            case "exclusiveMaximum" when value.ValueKind is not (JsonValueKind.True or JsonValueKind.False):
                return Numbers.AtMost(Keywords.Number(node, keyword, value), isExclusive: true);
            case "multipleOf":
                var divisor = Keywords.Number(node, keyword, value);
                if (divisor.IsNegative || divisor.IsZero)
                    throw node.Refuse(keyword, "must be greater than 0");
                return Numbers.MultipleOf(divisor) ?? throw node.Refuse(keyword, "has too many digits to be honoured");
            default:
                return null;
        }
    }

    private static bool IsExclusive(SchemaNode node, string keyword) =>
        node.TryGet(keyword, out var value) && value.ValueKind == JsonValueKind.True;

    /// <summary>Numbers of which each must be known by its spelling; null stands for every number.</summary>
    public Rx GetUniqueNumbers(Rx? values) =>
        options.AnyNumberForms ? rx.And(values ?? Numbers.Plain, Numbers.Plain) : Numbers.OneSpelling(values);

    /// <summary>A word or a number in every spelling.</summary>
    public Rx GetUsed(string text)
    {
        if (DecimalText.Parse(text) is not { } number)
            return rx.Literal(System.Text.Encoding.ASCII.GetBytes(text));

        return number.IsZero
            ? rx.Or(Numbers.Equal(number with { IsNegative = false }, true), Numbers.Equal(number with { IsNegative = true }, true))
            : Numbers.Equal(number, true);
    }

    private Rx? Constant(JsonElement value, JsonType type, bool anySpelling)
    {
        if (Keywords.TypeOf(value) != type)
            return rx.Nothing;

        switch (type)
        {
            case JsonType.String:
                var text = value.GetString()!;
                return anySpelling || options.AnyEscapes ? Text.EncodeAll(text) : Text.EncodeCanonical(text);
            case JsonType.Number:
                // As short as can be, or as the schema writes it.
                var written = rx.Literal(System.Text.Encoding.ASCII.GetBytes(value.GetRawText()));
                return DecimalText.Parse(value.GetRawText()) is { } number
                    ? rx.Or(Numbers.Equal(number, anySpelling || options.AnyNumberForms), written)
                    : written;
            default:
                return null;
        }
    }

    private Rx? Conditional(SchemaNode node, SchemaNode condition, JsonType type, bool anySpelling)
    {
        var hasThen = node.TryGet("then", out var then);
        var hasElse = node.TryGet("else", out var otherwise);
        if (!hasThen && !hasElse)
            return null;

        var whenTrue = And(Get(condition, type, true), hasThen ? Get(document.Child(node, "then", null, then), type, anySpelling) : null);
        var whenFalse = And(GetComplement(condition, type), hasElse ? Get(document.Child(node, "else", null, otherwise), type, anySpelling) : null);
        return Union([whenTrue, whenFalse]);
    }

    private Rx? ExactlyOne(SchemaNode[] branches, JsonType type, bool anySpelling)
    {
        var possible = branches.Where(branch => Get(branch, type, anySpelling) is not { IsNothing: true }).ToArray();
        if (possible.Length <= 1)
            return possible.Length == 0 ? rx.Nothing : Get(possible[0], type, anySpelling);

        var languages = Array.ConvertAll(possible, branch => Get(branch, type, anySpelling));
        var complete = Array.ConvertAll(possible, branch => Get(branch, type, true));
        var choices = new Rx?[possible.Length];
        for (var i = 0; i < choices.Length; i++)
        {
            choices[i] = languages[i];
            for (var j = 0; j < choices.Length; j++)
                if (i != j && !(complete[i] is { } a && complete[j] is { } b && rx.AreDisjoint(a, b)))
                    choices[i] = And(choices[i], Complement(complete[j], type));
        }

        return Union(choices);
    }

    private Rx? Complement(Rx? language, JsonType type)
    {
        if (language is null)
            return rx.Nothing;
        if (language.IsNothing)
            return null;

        return type switch
        {
            JsonType.String => rx.And(Text.AnyText, rx.Not(language)),
            JsonType.Number => rx.And(Numbers.Plain, rx.Not(language)),
            _ => rx.Nothing,
        };
    }

    private Rx? Union(ReadOnlySpan<Rx?> items)
    {
        var all = new Rx[items.Length];
        for (var i = 0; i < all.Length; i++)
        {
            if (items[i] is not { } item)
                return null;
            all[i] = item;
        }

        return rx.Or(all);
    }
}
