using ModelRunner.Gguf;
using ModelRunner.Testing;

namespace ModelRunner.Export.Tests;

public sealed class RandomModelTests
{
    public static TheoryData<GgufTensorType, GgufTensorType?, VocabularyKind, bool> Variants => new()
    {
        { GgufTensorType.F32, null, VocabularyKind.ByteLevel, true },
        { GgufTensorType.F16, null, VocabularyKind.ByteLevel, false },
        { GgufTensorType.Q8_0, null, VocabularyKind.SentencePiece, true },
        { GgufTensorType.Q4_0, GgufTensorType.Q8_0, VocabularyKind.SentencePiece, false },
    };

    [Theory]
    [MemberData(nameof(Variants))]
    public void Write_Variant_IsAValidModel(GgufTensorType weights, GgufTensorType? embeddings, VocabularyKind kind, bool isTied)
    {
        var options = new RandomModelOptions
        {
            WeightType = weights,
            EmbeddingType = embeddings,
            Vocabulary = kind,
            Shape = ModelShape.Tiny with { HasTiedOutput = isTied },
            ChatTemplate = "{{ messages }}",
            PoolingType = 1,
        };
        using var stream = new MemoryStream(FixtureModels.GetBytes(options));
        var file = GgufFile.Read(stream);
        GgufModelValidator.Validate(file);
        var facts = GgufModelFacts.From(file);

        Assert.Equal(weights.ToString(), facts.Quantization);
        Assert.Equal(embeddings ?? weights, file.FindTensor("token_embd.weight")!.Type);
        Assert.Equal(isTied, file.FindTensor("output.weight") is null);
        Assert.Equal(512, facts.VocabularySize);
        Assert.Equal("{{ messages }}", facts.ChatTemplate);
        Assert.Equal(1, facts.PoolingType);
    }

    [Fact]
    public void Write_SameOptionsTwice_GivesEqualBytes() =>
        Assert.Equal(FixtureModels.GetBytes(new RandomModelOptions()), FixtureModels.GetBytes(new RandomModelOptions()));

    [Fact]
    public void Write_OtherSeed_GivesOtherWeights() =>
        Assert.NotEqual(FixtureModels.GetBytes(new RandomModelOptions()), FixtureModels.GetBytes(new RandomModelOptions { Seed = 2 }));

    [Theory]
    [InlineData(VocabularyKind.ByteLevel)]
    [InlineData(VocabularyKind.SentencePiece)]
    public void Vocabulary_OfALargeModel_HasUniqueTokens(VocabularyKind kind)
    {
        var writer = new GgufWriter();
        new RandomVocabulary(kind, ModelShape.SmolLm2_360M.VocabularySize, 1).WriteTo(writer, "smollm");
        using var stream = new MemoryStream();
        writer.Write(stream);
        var tokens = GgufFile.Read(stream).Metadata.GetArray("tokenizer.ggml.tokens")!;

        Assert.Equal(tokens.Count, Enumerable.Range(0, tokens.Count).Select(tokens.GetText).Distinct().Count());
    }

    [Fact]
    public void Write_LargeMatrices_TakesBoundedMemory()
    {
        var options = new RandomModelOptions
        {
            Shape = ModelShape.SmolLm2_360M with { LayerCount = 1, VocabularySize = 4096 },
            WeightType = GgufTensorType.Q4_0,
        };
        var before = GC.GetAllocatedBytesForCurrentThread();
        RandomModel.Write(Stream.Null, options);

        // 14 million weights would be 55 MB as floats.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 16 << 20);
    }
}
