namespace ModelRunner.Generation.Tests.Text;

/// <summary>Cuts bytes into tokens.</summary>
internal static class TextSplits
{
    public static List<byte[]> Random(byte[] bytes, Random random)
    {
        var tokens = new List<byte[]>();
        for (var start = 0; start < bytes.Length;)
        {
            var length = Math.Min(random.Next(6), bytes.Length - start);
            tokens.Add(bytes[start..(start + length)]);
            start += length;
        }

        return tokens;
    }
}
