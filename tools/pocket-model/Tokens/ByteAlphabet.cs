namespace ModelRunner.PocketModel.Tokens;

/// <summary>GPT-2's printable characters for the 256 bytes, in which byte-level vocabularies are written.</summary>
internal static class ByteAlphabet
{
    public static IReadOnlyList<char> Characters { get; } = Make();

    private static char[] Make()
    {
        var characters = new char[256];
        var next = 256;
        for (var value = 0; value < 256; value++)
            characters[value] = value is >= '!' and <= '~' or >= 0xA1 and <= 0xAC or >= 0xAE ? (char)value : (char)next++;

        return characters;
    }
}
