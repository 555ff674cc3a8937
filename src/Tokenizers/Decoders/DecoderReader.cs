using System.Text;
using ModelRunner.Tokenizers.Json;

namespace ModelRunner.Tokenizers.Decoders;

/// <summary>Reads <c>decoder</c> of a <c>tokenizer.json</c>.</summary>
internal static class DecoderReader
{
    private const int MaximumSteps = 64;

    public static TokenDecoder Read(JsonField field)
    {
        var type = field.GetText("type");
        switch (type)
        {
            case "Sequence":
                return ReadSequence(field);
            case "ByteLevel":
                return new TokenDecoder.ByteLevel();
            case "ByteFallback":
                return new TokenDecoder.ByteFallback();
            case "Fuse":
                return new TokenDecoder.Identity();
            case "Metaspace":
                return new TokenDecoder.ReplaceText(GetNonEmpty(field, "replacement", "\u2581"), " ");
            case "WordPiece":
                return new TokenDecoder.WordPiece(Encoding.UTF8.GetBytes(field.FindText("prefix") ?? "##"));
            case "BPEDecoder":
                return new TokenDecoder.ReplaceText(GetNonEmpty(field, "suffix", "</w>"), " ");
            case "Replace":
                return ReadReplace(field);
            case "Strip":
                return ReadStrip(field);
            case "CTC":
                return ReadCtc(field);
            default:
                throw field.Get("type").Wrong($"is '{type}', which is not supported");
        }
    }

    // Behind Fuse all tokens are one text, so a Strip there cuts the text and no token.
    private static TokenDecoder.Chain ReadSequence(JsonField field)
    {
        var steps = new List<TokenDecoder>();
        var isFused = false;
        foreach (var item in field.Get("decoders").Items(MaximumSteps))
        {
            var step = Read(item);
            isFused |= item.GetText("type") == "Fuse";
            if (!isFused || step is not TokenDecoder.Strip)
                steps.Add(step);
        }

        return new TokenDecoder.Chain(steps);
    }

    private static TokenDecoder ReadReplace(JsonField field)
    {
        var content = field.GetText("content");
        var pattern = PatternReader.Read(field.Get("pattern"), out var literal);
        return pattern is null ? new TokenDecoder.ReplaceText(literal, content) : new TokenDecoder.ReplacePattern(pattern, content);
    }

    private static TokenDecoder.Strip ReadStrip(JsonField field) => new(
        Encoding.UTF8.GetBytes(GetNonEmpty(field, "content", " ")),
        field.Find("start")?.AsInteger(0, int.MaxValue) ?? 0,
        field.Find("stop")?.AsInteger(0, int.MaxValue) ?? 0);

    // That a token which repeats counts once is for a text, not for a token.
    private static TokenDecoder.Chain ReadCtc(JsonField field) => new(
        [
            new TokenDecoder.ReplaceText(GetNonEmpty(field, "pad_token", "<pad>"), ""),
            new TokenDecoder.ReplaceText(GetNonEmpty(field, "word_delimiter_token", "|"), " "),
        ]);

    private static string GetNonEmpty(JsonField field, string name, string otherwise) =>
        field.FindText(name) is not { } text ? otherwise : text.Length > 0 ? text : throw field.Get(name).Wrong("is empty");
}
