using System.Security.Cryptography;

namespace ModelRunner.Grammars.Regex;

/// <summary>128-bit hashes of structures, different in each process: a client cannot prepare collisions.</summary>
internal ref struct StructuralHash
{
    private static readonly ulong Seed0 = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8));
    private static readonly ulong Seed1 = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8));

    private ulong _low;
    private ulong _high;

    public StructuralHash(int kind)
    {
        _low = Seed0;
        _high = Seed1;
        Add((ulong)kind);
    }

    public readonly UInt128 Value => new(_high, _low);

    public void Add(UInt128 value)
    {
        Add((ulong)value);
        Add((ulong)(value >> 64));
    }

    public void Add(ulong value)
    {
        // The finisher of MurmurHash3, on each half with the other mixed in.
        _low = Mix(_low ^ value) + (_high * 0x9E3779B97F4A7C15ul);
        _high = Mix(_high + value + 0x632BE59BD9B4E019ul) ^ ulong.RotateLeft(_low, 23);
    }

    private static ulong Mix(ulong x)
    {
        x = (x ^ (x >> 33)) * 0xFF51AFD7ED558CCDul;
        x = (x ^ (x >> 33)) * 0xC4CEB9FE1A85EC53ul;
        return x ^ (x >> 33);
    }
}
