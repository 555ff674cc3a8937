using System.Text.Unicode;

namespace ModelRunner.Gguf;

/// <summary>
/// Checks the tokenizer's metadata. The native loader takes the score and type arrays by pointer, without looking at
/// their length or element type, and looks bytes up in the token list without expecting to fail.
/// </summary>
internal static class GgufVocabularyValidator
{
    private const string TokensKey = "tokenizer.ggml.tokens";

    // llama.cpp: LLAMA_TOKEN_TYPE_BYTE.
    private const int ByteTokenType = 6;

    // The SentencePiece defaults are 0 unknown, 1 begin, 2 end, used where the keys are absent.
    private const int SmallestVocabulary = 3;

    public static int Validate(GgufMetadata metadata)
    {
        var model = metadata.GetText("tokenizer.ggml.model") ?? throw new GgufException("'tokenizer.ggml.model' is missing");
        metadata.GetText("tokenizer.ggml.pre");
        var tokens = metadata.GetArray(TokensKey) ?? throw new GgufException($"'{TokensKey}' is missing");
        Require(TokensKey, tokens, GgufValueType.Text);
        if (tokens.Count < SmallestVocabulary)
            throw new GgufException($"'{TokensKey}' has {tokens.Count} tokens, expected at least {SmallestVocabulary}");

        // llama-vocab.cpp asserts that the map from texts to tokens is as large as the list.
        if (TokenSet.FindDuplicate(tokens) is >= 0 and var duplicate)
            throw new GgufException($"'{TokensKey}' holds a text at index {duplicate} that occurs before");

        RequirePerToken(metadata, "tokenizer.ggml.scores", tokens.Count, GgufValueType.Float32);
        RequirePerToken(metadata, "tokenizer.ggml.token_type", tokens.Count, GgufValueType.Int32, GgufValueType.UInt32);
        CheckTokenIds(metadata, tokens.Count);
        if (metadata.GetArray("tokenizer.ggml.precompiled_charsmap") is { } map)
            Require("tokenizer.ggml.precompiled_charsmap", map, GgufValueType.Int8, GgufValueType.UInt8);

        switch (model)
        {
            case "gpt2":
                CheckUtf8(TokensKey, tokens);
                CheckMerges(metadata);
                break;
            case "llama":
                CheckUtf8(TokensKey, tokens);
                CheckBytes(metadata, tokens);
                break;
            case "none" or "no_vocab":
                throw new GgufException($"'tokenizer.ggml.model' is '{model}': the model has no vocabulary");
            default:
                break;
        }

        return tokens.Count;
    }

    private static void Require(string key, GgufArray array, GgufValueType type, GgufValueType other = GgufValueType.Array)
    {
        if (array.ElementType != type && array.ElementType != other)
            throw new GgufException($"'{key}' is an array of {array.ElementType}, expected {type}");
    }

    private static void RequirePerToken(
        GgufMetadata metadata, string key, int count, GgufValueType type, GgufValueType other = GgufValueType.Array)
    {
        if (metadata.GetArray(key) is not { } array)
            return;
        Require(key, array, type, other);
        if (array.Count != count)
            throw new GgufException($"'{key}' has {array.Count} elements for {count} tokens");
        // Negative infinity would be harmless, but sorting by a NaN score is undefined.
        if (type == GgufValueType.Float32)
            GgufModelValidator.CheckFinite(key, array);
    }

    private static void CheckTokenIds(GgufMetadata metadata, int count)
    {
        foreach (var (key, value) in metadata.Entries)
        {
            if (!key.StartsWith("tokenizer.ggml.", StringComparison.Ordinal))
                continue;
            if (key.EndsWith("_token_id", StringComparison.Ordinal))
                CheckTokenId(key, metadata.GetInteger(key)!.Value, count);
            else if (key.EndsWith("_token_ids", StringComparison.Ordinal) && value.Array is { } array && array.ElementType.IsInteger())
                for (var i = 0; i < array.Count; i++)
                    CheckTokenId(key, array.GetInteger(i), count);
            else if (key.StartsWith("tokenizer.ggml.add_", StringComparison.Ordinal))
                metadata.GetBoolean(key);
        }
    }

    private static void CheckTokenId(string key, long id, int count)
    {
        // 2^32 - 1 is how converters write "none".
        if ((id < 0 || id >= count) && id is not (-1 or uint.MaxValue))
            throw new GgufException($"'{key}' is {id}, outside the vocabulary of {count}");
    }

    private static void CheckUtf8(string key, GgufArray texts)
    {
        for (var i = 0; i < texts.Count; i++)
            if (!Utf8.IsValid(texts.GetUtf8(i)))
                throw new GgufException($"'{key}' holds text that is not valid UTF-8 at index {i}");
    }

    private static void CheckMerges(GgufMetadata metadata)
    {
        const string key = "tokenizer.ggml.merges";
        var merges = metadata.GetArray(key) ?? throw new GgufException($"'{key}' is missing");
        Require(key, merges, GgufValueType.Text);
        CheckUtf8(key, merges);
        for (var i = 0; i < merges.Count; i++)
        {
            var merge = merges.GetUtf8(i);
            // From index 1: the left part may start with a space, as in the native search.
            var space = merge.Length > 2 ? merge[1..].IndexOf((byte)' ') + 1 : 0;
            if (space == 0 || space == merge.Length - 1)
                throw new GgufException($"'{key}' holds an entry that is not two pieces with a space between at index {i}");
        }
    }

    /// <summary>Every byte needs a token, because text falls back to bytes and the native lookup throws through C.</summary>
    private static void CheckBytes(GgufMetadata metadata, GgufArray tokens)
    {
        var types = metadata.GetArray("tokenizer.ggml.token_type");
        var found = new bool[256];
        for (var i = 0; i < tokens.Count; i++)
        {
            var text = tokens.GetUtf8(i);
            var isByte = TryReadByte(text, out var value);
            if (types is not null && types.GetInteger(i) == ByteTokenType && !isByte)
                throw new GgufException($"'{TokensKey}' holds a byte token that is not written '<0xHH>' at index {i}");
            if (isByte)
                found[value] = true;
            else if (text.Length == 1)
                found[text[0]] = true;
        }

        var missing = Array.IndexOf(found, false);
        if (missing >= 0)
            throw new GgufException($"'{TokensKey}' has no token for the byte 0x{missing:X2}");
    }

    private static bool TryReadByte(ReadOnlySpan<byte> text, out int value)
    {
        value = 0;
        return text.Length == 6 && text.StartsWith("<0x"u8) && text[5] == (byte)'>'
            && TryReadDigit(text[3], ref value) && TryReadDigit(text[4], ref value);
    }

    private static bool TryReadDigit(byte letter, ref int value)
    {
        var digit = "0123456789ABCDEF"u8.IndexOf(letter);
        value = value * 16 + digit;
        return digit >= 0;
    }
}
