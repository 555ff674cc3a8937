using System.Numerics;

namespace ModelRunner.Gguf;

/// <summary>
/// Parses one file. Every count, length and offset is checked against the bytes that are there before it is used,
/// in 64-bit arithmetic that cannot wrap. Format: the GGUF specification in the ggml repository, versions 2 and 3.
/// </summary>
internal static class GgufReader
{
    private const uint Magic = 0x46554747;
    private const int MaximumKeyCount = 1 << 16;
    private const int MaximumTensorCount = 1 << 17;
    private const int MaximumKeyLength = ushort.MaxValue;
    private const int MaximumTextLength = 16 << 20;

    // GGML_MAX_NAME is 64 with the terminator.
    private const int MaximumTensorNameLength = 63;
    private const int MaximumDimensions = 4;

    // Smallest encodings: a key of one character with a byte; a tensor of one character without dimensions.
    private const int SmallestEntry = 8 + 1 + 4 + 1;
    private const int SmallestTensor = 8 + 1 + 4 + 4 + 8;

    private readonly record struct Entry(GgufValueType Type, GgufValueType ElementType, int Count, int Start, int Length);

    public static GgufFile Read(Stream stream, long length, string path)
    {
        var bytes = new HeaderBytes(stream, length);
        var version = ReadVersion(bytes);
        var tensorCount = ReadCount(bytes, "the tensor count", SmallestTensor, MaximumTensorCount);
        var keyCount = ReadCount(bytes, "the metadata count", SmallestEntry, MaximumKeyCount);

        var entries = new OrderedDictionary<string, Entry>();
        for (var i = 0; i < keyCount; i++)
            ReadEntry(bytes, entries, i);
        var tensorsStart = bytes.Position;

        var alignment = ReadAlignment(bytes, entries);
        var tensors = new List<GgufTensor>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < tensorCount; i++)
            tensors.Add(ReadTensor(bytes, names, alignment, i));

        var dataOffset = (bytes.Position + (long)alignment - 1) / alignment * alignment;
        CheckOffsets(tensors, dataOffset, length);

        // One copy of exactly the metadata: the values are views of it.
        var encoded = bytes.Slice(0, tensorsStart).ToArray();
        var values = new OrderedDictionary<string, GgufValue>(entries.Count);
        foreach (var (key, entry) in entries)
            values.Add(key, ToValue(entry, encoded));
        return new GgufFile((int)version, alignment, new GgufMetadata(values), tensors, [new GgufShard(path, length, dataOffset)]);
    }

    private static uint ReadVersion(HeaderBytes bytes)
    {
        if (bytes.ReadUInt32("the magic number") != Magic)
            throw new GgufException("this is not a GGUF file: it does not start with 'GGUF'");
        var version = bytes.ReadUInt32("the version");
        if (version is 2 or 3)
            return version;
        throw new GgufException((version & 0xFFFF) == 0 && version != 0
            ? "the file is big-endian, which is not supported"
            : $"GGUF version {version} is not supported: 2 and 3 are");
    }

    private static int ReadCount(HeaderBytes bytes, string what, int smallest, int maximum)
    {
        var count = bytes.ReadUInt64(what);
        if (count > (ulong)(bytes.Remaining / smallest))
            throw new GgufException($"{what} is {count}, more than the file can hold");
        if (count > (ulong)maximum)
            throw new GgufException($"{what} is {count}, the limit is {maximum}");
        return (int)count;
    }

    private static void ReadEntry(HeaderBytes bytes, OrderedDictionary<string, Entry> entries, int index)
    {
        var key = bytes.ReadName($"the name of metadata key {index}", MaximumKeyLength);
        var what = $"'{key}'";
        var type = ReadValueType(bytes, what);
        var entry = type switch
        {
            GgufValueType.Array => ReadArray(bytes, what),
            GgufValueType.Text => ReadTextEntry(bytes, what),
            _ => ReadScalar(bytes, type, what),
        };
        if (!entries.TryAdd(key, entry))
            throw new GgufException($"the metadata key {what} occurs twice");
    }

    private static GgufValueType ReadValueType(HeaderBytes bytes, string what)
    {
        var type = bytes.ReadUInt32(what);
        return type <= (uint)GgufValueType.Float64
            ? (GgufValueType)type
            : throw new GgufException($"{what} has the unknown value type {type}");
    }

    private static Entry ReadScalar(HeaderBytes bytes, GgufValueType type, string what)
    {
        var start = bytes.Position;
        var value = bytes.Take(type.SizeInBytes(), what);
        if (type == GgufValueType.Boolean && value[0] > 1)
            throw new GgufException($"{what} is a boolean with the value {value[0]}");
        return new Entry(type, default, 0, start, type.SizeInBytes());
    }

    private static Entry ReadTextEntry(HeaderBytes bytes, string what)
    {
        var length = bytes.ReadText(what, MaximumTextLength).Length;
        return new Entry(GgufValueType.Text, default, 0, bytes.Position - length, length);
    }

    private static Entry ReadArray(HeaderBytes bytes, string what)
    {
        var type = ReadValueType(bytes, what);
        if (type == GgufValueType.Array)
            throw new GgufException($"{what} is an array of arrays, which is not supported");
        var count = bytes.ReadUInt64(what);
        var smallest = type == GgufValueType.Text ? 8 : type.SizeInBytes();
        if (count > (ulong)(bytes.Remaining / smallest))
            throw new GgufException($"{what} is an array of {count} elements, more than the file can hold");

        var start = bytes.Position;
        if (type == GgufValueType.Text)
        {
            for (var i = 0UL; i < count; i++)
                bytes.ReadText(what, MaximumTextLength);
        }
        else
        {
            var values = bytes.Take((long)count * smallest, what);
            if (type == GgufValueType.Boolean && values.IndexOfAnyExceptInRange((byte)0, (byte)1) >= 0)
                throw new GgufException($"{what} is an array of booleans with other values than 0 and 1");
        }

        return new Entry(GgufValueType.Array, type, (int)count, start, bytes.Position - start);
    }

    private static int ReadAlignment(HeaderBytes bytes, OrderedDictionary<string, Entry> entries)
    {
        const string key = "general.alignment";
        if (!entries.TryGetValue(key, out var entry))
            return GgufFile.DefaultAlignment;
        if (entry.Type != GgufValueType.UInt32)
            throw new GgufException($"'{key}' is {entry.Type}, expected {GgufValueType.UInt32}");
        var alignment = GgufValue.DecodeInteger(entry.Type, bytes.Slice(entry.Start, entry.Length).Span);
        if (alignment is <= 0 or > GgufFile.MaximumAlignment || !BitOperations.IsPow2(alignment))
            throw new GgufException($"'{key}' is {alignment}, expected a power of two up to {GgufFile.MaximumAlignment}");
        return (int)alignment;
    }

    private static GgufTensor ReadTensor(HeaderBytes bytes, HashSet<string> names, int alignment, int index)
    {
        var name = bytes.ReadName($"the name of tensor {index}", MaximumTensorNameLength);
        if (!names.Add(name))
            throw new GgufException($"the tensor '{name}' occurs twice");
        var what = $"tensor '{name}'";
        var dimensions = bytes.ReadUInt32(what);
        if (dimensions > MaximumDimensions)
            throw new GgufException($"{what} has {dimensions} dimensions, the limit is {MaximumDimensions}");
        var shape = new long[dimensions];
        for (var i = 0; i < shape.Length; i++)
        {
            var dimension = bytes.ReadUInt64(what);
            shape[i] = dimension is > 0 and <= long.MaxValue
                ? (long)dimension
                : throw new GgufException($"{what} has {dimension} as dimension {i}");
        }

        var type = (GgufTensorType)bytes.ReadUInt32(what);
        var offset = bytes.ReadUInt64(what);
        var (count, size) = GgufLayout.Measure(name, type, shape);
        if (offset > long.MaxValue || (long)offset % alignment != 0)
            throw new GgufException($"{what} has the offset {offset}, which is not a multiple of the alignment {alignment}");
        return new GgufTensor(name, type, shape, count, size, (long)offset);
    }

    private static void CheckOffsets(List<GgufTensor> tensors, long dataOffset, long length)
    {
        if (tensors.Count == 0)
            return;
        var dataLength = length - dataOffset;
        foreach (var tensor in tensors)
            if (tensor.Offset > dataLength || tensor.SizeInBytes > dataLength - tensor.Offset)
                throw new GgufException($"tensor '{tensor.Name}' lies outside the file: {tensor.SizeInBytes} bytes at "
                    + $"{tensor.Offset}, the data section has {Math.Max(0, dataLength)}");

        var ordered = tensors.ToArray();
        Array.Sort(ordered, (left, right) => left.Offset.CompareTo(right.Offset));
        for (var i = 1; i < ordered.Length; i++)
            if (ordered[i].Offset - ordered[i - 1].Offset < ordered[i - 1].SizeInBytes)
                throw new GgufException($"the tensors '{ordered[i - 1].Name}' and '{ordered[i].Name}' overlap");
    }

    private static GgufValue ToValue(Entry entry, byte[] encoded)
    {
        var bytes = encoded.AsMemory(entry.Start, entry.Length);
        return entry.Type == GgufValueType.Array
            ? new GgufValue(new GgufArray(entry.ElementType, entry.Count, bytes))
            : new GgufValue(entry.Type, bytes);
    }
}
