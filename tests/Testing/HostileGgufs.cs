using ModelRunner.Export;
using ModelRunner.Gguf;
using static ModelRunner.Testing.GgufBytes;

namespace ModelRunner.Testing;

/// <summary>Hand-made hostile files: every overflow class that was published for GGUF readers, and contradictions.</summary>
public static class HostileGgufs
{
    private const uint U32Type = (uint)GgufValueType.UInt32;
    private const uint TextType = (uint)GgufValueType.Text;
    private const uint ArrayType = (uint)GgufValueType.Array;

    private static readonly Lazy<byte[]> Original = new(() => FixtureModels.GetBytes(new RandomModelOptions()));

    /// <summary>All of them.</summary>
    public static IEnumerable<HostileGguf> All => [.. Structure, .. Models];

    /// <summary>Those that the reader refuses.</summary>
    public static IEnumerable<HostileGguf> Structure =>
    [
        new("empty file", [], "magic"),
        new("only the magic", "GGUF"u8.ToArray(), "version"),
        File("another magic", new GgufBytes { Magic = 0x67676D6C }, "not a GGUF"),
        File("version 1", new GgufBytes { Version = 1 }, "version 1"),
        File("version 4", new GgufBytes { Version = 4 }, "version 4"),
        File("big-endian", new GgufBytes { Version = 3u << 24 }, "big-endian"),
        File("2^63 keys", new GgufBytes { KeyCount = 1UL << 63 }, "metadata count"),
        File("2^64-1 keys", new GgufBytes { KeyCount = ulong.MaxValue }, "metadata count"),
        File("2^63 tensors", new GgufBytes { TensorCount = 1UL << 63 }, "tensor count"),
        File("tensor count that wraps when multiplied", new GgufBytes { TensorCount = ulong.MaxValue / 32 }, "tensor count"),
        File("one key more than there is", new GgufBytes { KeyCount = 5, DataLength = 96 }, "metadata key"),
        File("key longer than the file", new GgufBytes { KeyCount = 1, TensorCount = 0 }.Raw(U64(1UL << 40)), "metadata key 0"),
        File("key of 2^64-1 bytes", new GgufBytes { KeyCount = 1 }.Raw(U64(ulong.MaxValue)), "metadata key 0"),
        File("empty key", new GgufBytes().Key("", U32Type, U32(1)), "metadata key 0 is empty"),
        File("key that is not UTF-8", new GgufBytes { KeyCount = 1 }.Raw(U64(2)).Raw([0xC3, 0x28]).Raw(U32(U32Type)), "UTF-8"),
        File("key with a terminator inside", new GgufBytes().Key("a\0b", U32Type, U32(1)), "control characters"),
        File("unknown value type", new GgufBytes().Key("a.key", 13, U32(1)), "'a.key'"),
        File("text longer than the file", new GgufBytes().Key("a.key", TextType, U64(1UL << 32)), "'a.key'"),
        File("text of 2^63 bytes", new GgufBytes().Key("a.key", TextType, U64(1UL << 63)), "'a.key'"),
        File("boolean of 2", new GgufBytes().Key("a.key", (uint)GgufValueType.Boolean, [2]), "'a.key'"),
        File("nested array", new GgufBytes().Key("a.key", ArrayType, U32(ArrayType), U64(1)), "'a.key' is an array of arrays"),
        File("array of 2^61 doubles", new GgufBytes().Key("a.key", ArrayType, U32(12), U64(1UL << 61)), "'a.key'"),
        File("array of 2^62 numbers, which wraps to 0 bytes", new GgufBytes().Key("a.key", ArrayType, U32(U32Type), U64(1UL << 62)), "'a.key'"),
        File("array of 2^64-1 texts", new GgufBytes().Key("a.key", ArrayType, U32(TextType), U64(ulong.MaxValue)), "'a.key'"),
        File("text in an array longer than the file", new GgufBytes().Key("a.key", ArrayType, U32(TextType), U64(1), U64(1UL << 33)), "'a.key'"),
        File("duplicate key", new GgufBytes().Key("a.key", U32Type, U32(1)).Key("a.key", U32Type, U32(2)), "'a.key' occurs twice"),
        File("alignment 0", new GgufBytes().Key("general.alignment", U32Type, U32(0)), "general.alignment"),
        File("alignment 3", new GgufBytes().Key("general.alignment", U32Type, U32(3)), "general.alignment"),
        File("alignment 2^31", new GgufBytes().Key("general.alignment", U32Type, U32(1u << 31)), "general.alignment"),
        File("alignment as text", new GgufBytes().Key("general.alignment", TextType, Text("32")), "general.alignment"),
        File("tensor with 5 dimensions", new GgufBytes().Tensor("a.weight", [1, 1, 1, 1, 1]), "'a.weight'"),
        File("tensor with 2^32-1 dimensions", new GgufBytes().Tensor("a.weight", [1], dimensions: uint.MaxValue), "'a.weight'"),
        File("tensor name of 64 bytes", new GgufBytes().Tensor(new string('a', 64), [1]), "name of tensor 0"),
        File("duplicate tensor", new GgufBytes().Tensor("a.weight", [8]).Tensor("a.weight", [8], offset: 32), "'a.weight' occurs twice"),
        File("unknown tensor type", new GgufBytes().Tensor("a.weight", [32], type: 200), "'a.weight'"),
        File("removed tensor type", new GgufBytes().Tensor("a.weight", [32], type: 31), "'a.weight'"),
        File("dimension 0", new GgufBytes().Tensor("a.weight", [0, 4]), "'a.weight'"),
        File("negative dimension", new GgufBytes().Tensor("a.weight", [ulong.MaxValue]), "'a.weight'"),
        File("shape that wraps to 0 elements", new GgufBytes().Tensor("a.weight", [1UL << 32, 1UL << 32]), "'a.weight'"),
        File("shape that wraps to 16 elements", new GgufBytes().Tensor("a.weight", [(1UL << 62) + 4, 4]), "'a.weight'"),
        File("size that wraps", new GgufBytes().Tensor("a.weight", [1UL << 62]), "'a.weight'"),
        File("rows that are not whole blocks", new GgufBytes().Tensor("a.weight", [33], type: 2), "'a.weight'"),
        File("offset off the alignment", new GgufBytes().Tensor("a.weight", [8], offset: 4), "'a.weight'"),
        File("offset past the file", new GgufBytes().Tensor("a.weight", [8], offset: 1 << 20), "'a.weight'"),
        File("offset that wraps with the size", new GgufBytes().Tensor("a.weight", [8], offset: ulong.MaxValue - 31), "'a.weight'"),
        File("tensor larger than the file", new GgufBytes().Tensor("a.weight", [1 << 20]), "'a.weight'"),
        File("tensor one byte past the file", new GgufBytes { DataLength = 1023 }.Tensor("a.weight", [256]), "'a.weight'"),
        File("overlapping tensors", new GgufBytes().Tensor("a.weight", [16]).Tensor("b.weight", [8], offset: 32), "overlap"),
    ];

    /// <summary>Those that the reader accepts, and that the model validator refuses.</summary>
    public static IEnumerable<HostileGguf> Models =>
    [
        Model("architecture missing", "general.architecture", null),
        Model("architecture as a number", "general.architecture", GgufValue.From(1)),
        Model("architecture with a path", "general.architecture", GgufValue.From("../x")),
        Model("an adapter", "general.type", GgufValue.From("adapter")),
        Model("no layers", "llama.block_count", GgufValue.From(0u)),
        Model("2^32-1 layers", "llama.block_count", GgufValue.From(uint.MaxValue)),
        Model("a layer fewer than there are", "llama.block_count", GgufValue.From(1u), "blk.1."),
        Model("a layer more than there are", "llama.block_count", GgufValue.From(3u), "blk.2."),
        Model("no heads", "llama.attention.head_count", GgufValue.From(0u)),
        Model("negative heads", "llama.attention.head_count", GgufValue.From(-4)),
        Model("heads that do not divide the width", "llama.attention.head_count", GgufValue.From(6u)),
        Model("no KV heads", "llama.attention.head_count_kv", GgufValue.From(0u)),
        Model("KV heads that do not divide the heads", "llama.attention.head_count_kv", GgufValue.From(3u)),
        Model("width unlike the tensors", "llama.embedding_length", GgufValue.From(128u)),
        Model("feed-forward length unlike the tensors", "llama.feed_forward_length", GgufValue.From(256u), "ffn_gate"),
        Model("no context", "llama.context_length", GgufValue.From(0u)),
        Model("context of 2^64-1", "llama.context_length", GgufValue.From(ulong.MaxValue)),
        Model("epsilon is NaN", "llama.attention.layer_norm_rms_epsilon", GgufValue.From(float.NaN)),
        Model("epsilon is negative", "llama.attention.layer_norm_rms_epsilon", GgufValue.From(-1f)),
        Model("epsilon missing", "llama.attention.layer_norm_rms_epsilon", null),
        Model("rope base is infinite", "llama.rope.freq_base", GgufValue.From(float.PositiveInfinity)),
        Model("odd rope dimensions", "llama.rope.dimension_count", GgufValue.From(15u)),
        Model("more rope dimensions than the head", "llama.rope.dimension_count", GgufValue.From(32u)),
        Model("experts used without experts", "llama.expert_used_count", GgufValue.From(2u)),
        Model("pooling type 9", "llama.pooling_type", GgufValue.From(9u)),
        Model("tokenizer missing", "tokenizer.ggml.model", null),
        Model("tokens missing", "tokenizer.ggml.tokens", null),
        Model("a token fewer than embedding rows", "tokenizer.ggml.tokens", GgufValue.From(["a", "b", "c"]), "tokenizer.ggml"),
        Model("tokens as numbers", "tokenizer.ggml.tokens", GgufValue.From([1, 2, 3])),
        Model("a token twice", "tokenizer.ggml.tokens", GgufValue.From(["a", "b", "c", "a"]), "index 3 that occurs before"),
        Model("a token twice as a C string", "tokenizer.ggml.tokens", GgufValue.From(["a", "b", "a\0b"]), "index 2 that occurs before"),
        Model("too few token types", "tokenizer.ggml.token_type", GgufValue.From([1, 2, 3])),
        Model("token types as floats", "tokenizer.ggml.token_type", GgufValue.From([1f, 2f, 3f])),
        Model("scores as texts", "tokenizer.ggml.scores", GgufValue.From(["a"])),
        Model("too few scores", "tokenizer.ggml.scores", GgufValue.From([1f])),
        Model("negative token id", "tokenizer.ggml.bos_token_id", GgufValue.From(-7)),
        Model("token id past the vocabulary", "tokenizer.ggml.eos_token_id", GgufValue.From(512u)),
        Model("token id as text", "tokenizer.ggml.eos_token_id", GgufValue.From("2")),
        Model("merge without a space", "tokenizer.ggml.merges", GgufValue.From(["a b", "ab"])),
        Model("merges missing", "tokenizer.ggml.merges", null),
        Model("SentencePiece without byte tokens", "tokenizer.ggml.model", GgufValue.From("llama"), "tokenizer.ggml.tokens"),
    ];

    private static HostileGguf File(string name, GgufBytes bytes, string expected) => new(name, bytes.ToArray(), expected);

    private static HostileGguf Model(string name, string key, GgufValue? value, string? expected = null)
    {
        var original = Original.Value;
        var file = GgufFile.Read(new MemoryStream(original));
        var writer = new GgufWriter();
        foreach (var (other, kept) in file.Metadata.Entries)
            if (other != key)
                writer.Set(other, kept);
        if (value is not null)
            writer.Set(key, value);
        foreach (var tensor in file.Tensors)
            writer.AddTensor(tensor.Name, tensor.Type, [.. tensor.Shape], stream => stream.Write(
                original, (int)(file.DataOffset + tensor.Offset), (int)tensor.SizeInBytes));
        using var target = new MemoryStream();
        writer.Write(target);
        return new HostileGguf(name, target.ToArray(), expected ?? key);
    }
}
