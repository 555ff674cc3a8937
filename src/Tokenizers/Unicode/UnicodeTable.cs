using System.Buffers.Binary;

namespace ModelRunner.Tokenizers.Unicode;

/// <summary>Reads the tables that tools/unicode-tables wrote, front to back.</summary>
internal ref struct UnicodeTable(string name)
{
    private ReadOnlySpan<byte> _rest = Load(name);

    public uint[] ReadNumbers(int width)
    {
        var numbers = new uint[(int)ReadNumber() * width];
        for (var i = 0; i < numbers.Length; i++)
            numbers[i] = ReadNumber();
        return numbers;
    }

    public string[] ReadNames()
    {
        var names = new string[(int)ReadNumber()];
        for (var i = 0; i < names.Length; i++)
        {
            names[i] = System.Text.Encoding.ASCII.GetString(_rest.Slice(1, _rest[0]));
            _rest = _rest[(1 + _rest[0])..];
        }

        return names;
    }

    private uint ReadNumber()
    {
        var number = BinaryPrimitives.ReadUInt32LittleEndian(_rest);
        _rest = _rest[4..];
        return number;
    }

    private static byte[] Load(string name)
    {
        using var stream = typeof(UnicodeTable).Assembly.GetManifestResourceStream(name)!;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
