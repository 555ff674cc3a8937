using ModelRunner.Export;
using ModelRunner.Gguf;

namespace ModelRunner.Testing;

/// <summary>Seeded defects in a valid tiny model: about half of them keep the structure and change values or data.</summary>
public static class GgufMutations
{
    private static readonly Lazy<byte[]> ByteLevel = new(() => FixtureModels.GetBytes(new RandomModelOptions
    {
        Shape = ModelShape.Tiny with { LayerCount = 1, ContextLength = 128, VocabularySize = 300 },
    }));

    private static readonly Lazy<byte[]> SentencePiece = new(() => FixtureModels.GetBytes(new RandomModelOptions
    {
        Shape = ModelShape.Tiny with { LayerCount = 1, ContextLength = 128, VocabularySize = 300, HasTiedOutput = false },
        Vocabulary = VocabularyKind.SentencePiece,
        WeightType = GgufTensorType.Q8_0,
        PoolingType = 1,
    }));

    /// <summary>Mutated files; the same range of seeds gives the same files.</summary>
    public static IEnumerable<MutatedGguf> Generate(int firstSeed, int count)
    {
        for (var i = 0; i < count; i++)
            yield return Mutate(firstSeed + i);
    }

    /// <summary>The mutated file of one seed.</summary>
    public static MutatedGguf Mutate(int seed)
    {
        var random = new Random(seed);
        var original = random.Next(2) == 0 ? ByteLevel.Value : SentencePiece.Value;
        using var stream = new MemoryStream(original);
        var file = GgufFile.Read(stream);
        var content = (byte[])original.Clone();
        var header = (int)file.DataOffset;
        var (what, isDataOnly) = random.Next(10) switch
        {
            0 or 1 => (ChangeData(random, content, header), true),
            2 or 3 or 4 => (ChangeValue(random, file, ref content), false),
            5 => (FlipBits(random, content, 0, header), false),
            6 => (WriteRun(random, content, 0, header), false),
            7 => (Truncate(random, ref content), false),
            8 => (Swap(random, content, header), false),
            _ => (WriteInteresting(random, content, header), false),
        };
        return new MutatedGguf($"seed {seed}: {what}", content, isDataOnly);
    }

    private static string ChangeData(Random random, byte[] content, int header) => random.Next(2) == 0
        ? FlipBits(random, content, header, content.Length)
        : WriteRun(random, content, header, content.Length);

    private static string FlipBits(Random random, byte[] content, int start, int end)
    {
        var count = random.Next(1, 9);
        for (var i = 0; i < count; i++)
            content[random.Next(start, end)] ^= (byte)(1 << random.Next(8));
        return $"{count} bits in [{start}, {end})";
    }

    private static string WriteRun(Random random, byte[] content, int start, int end)
    {
        var length = Math.Min(random.Next(1, 65), end - start);
        var at = random.Next(start, end - length + 1);
        var run = content.AsSpan(at, length);
        if (random.Next(2) == 0)
            random.NextBytes(run);
        else
            run.Fill((byte)(random.Next(2) * 0xFF));
        return $"{length} bytes at {at}";
    }

    private static string Truncate(Random random, ref byte[] content)
    {
        var length = random.Next(content.Length);
        content = content[..length];
        return $"cut to {length} bytes";
    }

    private static string Swap(Random random, byte[] content, int header)
    {
        var length = random.Next(1, 33);
        var left = random.Next(header - length);
        var right = random.Next(header - length);
        var kept = content.AsSpan(left, length).ToArray();
        content.AsSpan(right, length).CopyTo(content.AsSpan(left));
        kept.CopyTo(content.AsSpan(right));
        return $"{length} bytes swapped between {left} and {right}";
    }

    private static string WriteInteresting(Random random, byte[] content, int header)
    {
        ReadOnlySpan<ulong> values = [0, 1, 5, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 1UL << 40, 1UL << 62, 1UL << 63, ulong.MaxValue];
        var value = values[random.Next(values.Length)];
        var at = random.Next(header - 8);
        GgufBytes.U64(value).AsSpan(0, random.Next(2) == 0 ? 4 : 8).CopyTo(content.AsSpan(at));
        return $"{value:X} at {at}";
    }

    /// <summary>Writes the file anew with one key changed, so that everything around it still fits.</summary>
    private static string ChangeValue(Random random, GgufFile file, ref byte[] content)
    {
        var entries = file.Metadata.Entries.ToArray();
        var chosen = entries[random.Next(entries.Length)].Key;
        var writer = new GgufWriter();
        var what = "";
        foreach (var (key, value) in entries)
        {
            if (key != chosen)
            {
                writer.Set(key, value);
                continue;
            }

            var changed = ChangeOne(random, value);
            what = $"'{key}' = {changed?.ToString() ?? "absent"}";
            if (changed is not null)
                writer.Set(key, changed);
        }

        var original = content;
        foreach (var tensor in file.Tensors)
            writer.AddTensor(tensor.Name, tensor.Type, [.. tensor.Shape], stream =>
                stream.Write(original, (int)(file.DataOffset + tensor.Offset), (int)tensor.SizeInBytes));
        using var target = new MemoryStream();
        writer.Write(target);
        content = target.ToArray();
        return what;
    }

    private static GgufValue? ChangeOne(Random random, GgufValue value)
    {
        if (random.Next(10) == 0)
            return null;
        if (random.Next(10) == 0)
            return random.Next(2) == 0 ? GgufValue.From(random.Next()) : GgufValue.From("other");
        if (value.Array is { } array)
            return ChangeArray(random, array);
        if (value.TryGetText(out var text))
            return GgufValue.From(random.Next(3) switch { 0 => "", 1 => text + "\u0000x", _ => text[..(text.Length / 2)] });
        if (value.TryGetBoolean(out var boolean))
            return GgufValue.From(!boolean);
        if (value.Type is GgufValueType.Float32)
            return GgufValue.From(random.Next(6) switch
            {
                0 => float.NaN,
                1 => float.PositiveInfinity,
                2 => 0,
                3 => -1,
                4 => float.MaxValue,
                _ => (float)(random.NextDouble() * 10),
            });
        value.TryGetInteger(out var number);
        return GgufValue.From((uint)(random.Next(7) switch
        {
            0 => 0,
            1 => uint.MaxValue,
            2 => int.MaxValue,
            3 => number + 1,
            4 => number - 1,
            5 => number * 2,
            _ => random.Next(1000),
        }));
    }

    private static GgufValue ChangeArray(Random random, GgufArray array)
    {
        var count = random.Next(3) == 0 ? random.Next(array.Count + 2) : array.Count;
        if (array.ElementType == GgufValueType.Text)
        {
            var texts = Enumerable.Range(0, count).Select(i => i < array.Count ? array.GetText(i) : "new").ToArray();
            for (var i = random.Next(1, 4); i > 0 && count > 0; i--)
                texts[random.Next(count)] = random.Next(3) switch { 0 => "", 1 => "\u00e4\u0000 b", _ => texts[random.Next(count)] };
            return GgufValue.From(texts);
        }

        var numbers = Enumerable.Range(0, count).Select(i => i < array.Count ? array.GetNumber(i) : 0).ToArray();
        for (var i = random.Next(1, 4); i > 0 && count > 0; i--)
            numbers[random.Next(count)] = random.Next(4) switch { 0 => -1, 1 => 6, 2 => 1e9, _ => random.Next(8) };
        return array.ElementType == GgufValueType.Float32
            ? GgufValue.From(numbers.Select(number => (float)number).ToArray())
            : GgufValue.From(numbers.Select(number => (int)number).ToArray());
    }
}
