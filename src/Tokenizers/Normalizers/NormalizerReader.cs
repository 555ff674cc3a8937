using System.Text;
using ModelRunner.Tokenizers.Json;
using ModelRunner.Tokenizers.Unicode;

namespace ModelRunner.Tokenizers.Normalizers;

/// <summary>Reads <c>normalizer</c> of a <c>tokenizer.json</c>.</summary>
internal static class NormalizerReader
{
    private const int MaximumSteps = 64;

    public static Normalizer Read(JsonField field)
    {
        var type = field.GetText("type");
        switch (type)
        {
            case "Sequence":
                return new Normalizer.Chain([.. field.Get("normalizers").Items(MaximumSteps).Select(Read)]);
            case "NFC":
                return new Normalizer.Form(NormalizationForm.FormC);
            case "NFD":
                return new Normalizer.Form(NormalizationForm.FormD);
            case "NFKC":
                return new Normalizer.Form(NormalizationForm.FormKC);
            case "NFKD":
                return new Normalizer.Form(NormalizationForm.FormKD);
            case "Lowercase":
                return new Normalizer.Lowercase();
            case "Strip":
                return new Normalizer.Strip(field.GetFlag("strip_left", true), field.GetFlag("strip_right", true));
            case "StripAccents":
                return new Normalizer.Remove(CodePointSets.Category("M")!);
            case "Prepend":
                return new Normalizer.Prepend(field.GetText("prepend"));
            case "Replace":
                return ReadReplace(field);
            case "Nmt":
                return new NmtNormalizer();
            case "ByteLevel":
                return new Normalizer.Bytes();
            case "BertNormalizer":
                var lowercase = field.GetFlag("lowercase", true);
                return new BertNormalizer(
                    field.GetFlag("clean_text", true),
                    field.GetFlag("handle_chinese_chars", true),
                    field.GetFlag("strip_accents", lowercase),
                    lowercase);
            case "Precompiled":
                return ReadPrecompiled(field.Get("precompiled_charsmap"));
            default:
                throw field.Get("type").Wrong($"is '{type}', which is not supported");
        }
    }

    private static Normalizer ReadReplace(JsonField field)
    {
        var content = field.GetText("content");
        var pattern = PatternReader.Read(field.Get("pattern"), out var literal);
        return pattern is null ? new Normalizer.ReplaceText(literal, content) : new Normalizer.ReplacePattern(pattern, content);
    }

    private static PrecompiledNormalizer ReadPrecompiled(JsonField field)
    {
        try
        {
            return new PrecompiledNormalizer(Convert.FromBase64String(field.AsText()));
        }
        catch (FormatException exception)
        {
            throw field.Wrong($"is no character map: {exception.Message}");
        }
    }
}
