using ModelRunner.Tokenizers.Json;
using ModelRunner.Tokenizers.Unicode;

namespace ModelRunner.Tokenizers.PreTokenizers;

/// <summary>Reads <c>pre_tokenizer</c> of a <c>tokenizer.json</c>.</summary>
internal static class PreTokenizerReader
{
    private const int MaximumSteps = 64;

    public static PreTokenizer Read(JsonField field)
    {
        var type = field.GetText("type");
        switch (type)
        {
            case "Sequence":
                return new PreTokenizer.Chain([.. field.Get("pretokenizers").Items(MaximumSteps).Select(Read)]);
            case "ByteLevel":
                return new ByteLevelPreTokenizer(field.GetFlag("add_prefix_space", true), field.GetFlag("use_regex", true));
            case "Metaspace":
                return ReadMetaspace(field);
            case "Whitespace":
                var word = CodePointSets.RustWord;
                return new PreTokenizer.Chain(
                    [
                        new Splitter.OnSet(CodePointSets.WhiteSpace, SplitBehavior.Removed),
                        new Splitter.OnSet(word, SplitBehavior.Contiguous),
                    ]);
            case "WhitespaceSplit":
                return new Splitter.OnSet(CodePointSets.WhiteSpace, SplitBehavior.Removed);
            case "BertPreTokenizer":
                return new PreTokenizer.Chain(
                    [
                        new Splitter.OnSet(CodePointSets.WhiteSpace, SplitBehavior.Removed),
                        new Splitter.OnSet(CodePointSets.Punctuation, SplitBehavior.Isolated),
                    ]);
            case "Punctuation":
                return new Splitter.OnSet(CodePointSets.Punctuation, ReadBehavior(field, SplitBehavior.Isolated));
            case "Digits":
                var isIndividual = field.GetFlag("individual_digits", false);
                return new Splitter.OnSet(CodePointSets.Numeric, isIndividual ? SplitBehavior.Isolated : SplitBehavior.Contiguous);
            case "Split":
                return ReadSplit(field);
            case "CharDelimiterSplit":
                return new Splitter.OnText(ReadCharacter(field.Get("delimiter")), SplitBehavior.Removed, invert: false);
            case "UnicodeScripts":
                return new ScriptPreTokenizer();
            default:
                throw field.Get("type").Wrong($"is '{type}', which is not supported");
        }
    }

    private static Splitter ReadSplit(JsonField field)
    {
        var behavior = ReadBehavior(field, null);
        var invert = field.GetFlag("invert", false);
        var pattern = PatternReader.Read(field.Get("pattern"), out var literal);
        return pattern is null
            ? new Splitter.OnText(literal, behavior, invert)
            : new Splitter.OnPattern(pattern, behavior, invert);
    }

    private static SplitBehavior ReadBehavior(JsonField field, SplitBehavior? otherwise)
    {
        if (otherwise is { } behavior && field.Find("behavior") is null)
            return behavior;
        return field.GetText("behavior") switch
        {
            "Removed" => SplitBehavior.Removed,
            "Isolated" => SplitBehavior.Isolated,
            "MergedWithPrevious" => SplitBehavior.MergedWithPrevious,
            "MergedWithNext" => SplitBehavior.MergedWithNext,
            "Contiguous" => SplitBehavior.Contiguous,
            var other => throw field.Get("behavior").Wrong($"is '{other}', which is not known"),
        };
    }

    // Older files say add_prefix_space instead of prepend_scheme.
    private static MetaspacePreTokenizer ReadMetaspace(JsonField field)
    {
        var sign = ReadCharacter(field.Get("replacement"));
        if (sign.Length != 1)
            throw field.Get("replacement").Wrong("must be in the Basic Multilingual Plane");
        var scheme = field.FindText("prepend_scheme") switch
        {
            null => field.GetFlag("add_prefix_space", true) ? PrependScheme.Always : PrependScheme.Never,
            "always" => PrependScheme.Always,
            "first" => PrependScheme.First,
            "never" => PrependScheme.Never,
            var other => throw field.Get("prepend_scheme").Wrong($"is '{other}', which is not known"),
        };
        return new MetaspacePreTokenizer(sign[0], scheme, field.GetFlag("split", true));
    }

    private static string ReadCharacter(JsonField field)
    {
        var text = field.AsText();
        if (text.Length == 0)
            throw field.Wrong("is empty");
        CodePoint.At(text, 0, out var length);
        return text.Length == length ? text : throw field.Wrong("must be one character");
    }
}
