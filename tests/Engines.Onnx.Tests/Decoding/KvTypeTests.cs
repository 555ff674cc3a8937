using System.Numerics.Tensors;
using Microsoft.Extensions.Logging.Abstractions;
using ModelRunner.Abstractions.Engines;
using ModelRunner.Abstractions.Errors;
using ModelRunner.Abstractions.Tokens;
using ModelRunner.Testing;

namespace ModelRunner.Engines.Onnx.Tests.Decoding;

/// <summary>
/// Types of a KV cache that GroupQueryAttention has, on the CPU of the ONNX Runtime that is referenced: which of them it
/// computes with, and how near that is to 32-bit floats. That they batch and copy is <see cref="TinyDecoderTests"/>'.
/// </summary>
public sealed class KvTypeTests(ITestOutputHelper output)
{
    /// <summary>The logits have a norm of 15; without the KV cache they would be as far off as that.</summary>
    [Theory]
    [InlineData("fp16", "fp16", 0.02f)]
    [InlineData("fp16", "fp32", 0.02f)]
    [InlineData("int8", "fp32", 0.2f)]
    [InlineData("int8", "fp16", 0.2f)]
    public void Decode_SmallerKv_StaysNearFloats(string kvType, string computeType, float bound)
    {
        var exact = new TinyDecoder(new());
        using var folder = Write(new() { IsShared = true, KvType = kvType, ComputeType = computeType });
        using var model = LoadedModel.Load(folder.Path);
        using var session = model.CreateSession(LoadedModel.Options(1, TinyDecoder.ContextLength));
        var batch = new DecodeBatch(64, 1);
        int[] text = [.. Enumerable.Range(0, 80).Select(i => ((i * 7) + 3) % TinyDecoder.Vocabulary)];
        Assert.Equal(DecodeStatus.Ok, session.Decode(batch, 0, text.AsSpan(0, 20), LogitRows.None));
        var farthest = 0f;
        for (var i = 20; i < text.Length; i++)
        {
            Assert.Equal(DecodeStatus.Ok, session.Decode(batch, 0, text.AsSpan(i, 1), LogitRows.Last));
            farthest = Math.Max(farthest, TensorPrimitives.Distance(exact.LogitsOf(text.AsSpan(0, i + 1)), session.GetLogits(0)));
        }

        output.WriteLine($"{farthest} at most");
        Assert.InRange(farthest, 0, bound);
    }

    /// <summary>A cache of the bytes that its type needs, so that twice to four times as many tokens fit.</summary>
    [Theory]
    [InlineData("fp32", 128)]
    [InlineData("fp16", 64)]
    [InlineData("int8", 32)]
    [InlineData("int4", 16)]
    public void Estimate_SmallerKv_TakesLessMemory(string kvType, int bytesPerToken)
    {
        Assert.Equal(
            2 * 50 * bytesPerToken,
            Estimate(new() { IsShared = true, KvType = kvType, ComputeType = kvType == "fp16" ? "fp16" : "fp32" }).KvCacheInBytes);
    }

    /// <summary>What a step takes and what it gives back, beside the sequences' own rows.</summary>
    [Fact]
    public void Estimate_GrowingKv_CountsTwoCopies()
    {
        var (shared, growing) = (Estimate(new() { IsShared = true }), Estimate(new()));
        Assert.Equal(shared.KvCacheInBytes, growing.KvCacheInBytes);
        Assert.Equal(shared.ComputeInBytes + (2 * growing.KvCacheInBytes), growing.ComputeInBytes);
    }

    /// <summary>What needs an accelerator, or is no KV cache of any kernel.</summary>
    [Theory]
    [InlineData("bf16", "bf16", "PER_TENSOR", "BFloat16", "GroupQueryAttention")]
    [InlineData("bf16", "fp32", "PER_TENSOR", "BFloat16", "GroupQueryAttention")]
    [InlineData("fp8", "fp32", "PER_TENSOR", "Float8E4M3", "GroupQueryAttention")]
    [InlineData("fp8", "fp16", "PER_TENSOR", "Float8E4M3", "GroupQueryAttention")]
    [InlineData("int8", "fp32", "PER_CHANNEL", "Int8", "requires k_quant_type == v_quant_type")]
    public void Load_KvThatTheCpuHasNoKernelFor_IsRefusedByName(string kvType, string computeType, string keyScales, string type, string reason)
    {
        using var folder = Write(new() { IsShared = true, KvType = kvType, ComputeType = computeType, KeyScales = keyScales });
        var exception = Assert.Throws<ModelLoadException>(() => LoadedModel.Load(folder.Path));
        output.WriteLine(exception.Message);
        Assert.Contains($"with its KV cache of {type} ('past_key_values.0.key') it does not run here: ", exception.Message, StringComparison.Ordinal);
        Assert.Contains(reason, exception.Message, StringComparison.Ordinal);
    }

    private static MemoryEstimate Estimate(TinyDecoderOptions options)
    {
        using var folder = Write(options);
        return new OnnxModelLoader(new OnnxOptions(), NullLoggerFactory.Instance).Estimate(
            new ModelBundle { Name = "tiny", Formats = ModelFormat.OnnxGenAi, OnnxFolder = folder.Path },
            new ModelLoadOptions { MaxSequences = 2, ContextLength = 50 });
    }

    private static TemporaryFolder Write(TinyDecoderOptions options)
    {
        var folder = new TemporaryFolder();
        TinyDecoderFolder.Write(new TinyDecoder(options), folder.Path);
        return folder;
    }
}
