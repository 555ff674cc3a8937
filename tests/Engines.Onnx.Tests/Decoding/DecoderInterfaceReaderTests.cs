using ModelRunner.Abstractions.Errors;
using ModelRunner.Engines.Onnx.Config;
using ModelRunner.Engines.Onnx.Decoding;
using ModelRunner.Engines.Onnx.Graphs;

namespace ModelRunner.Engines.Onnx.Tests.Decoding;

public sealed class DecoderInterfaceReaderTests
{
    private static readonly GenAiConfig Config = new() { Type = "llama", KvHeadCount = 2, HeadSize = 8 };
    private static readonly GraphValue[] Inputs =
    [
        new("input_ids", ElementType.Int64, [-1, -1]), new("attention_mask", ElementType.Int64, [-1, -1]),
        new("past_key_values.0.key", ElementType.Float32, [-1, 2, -1, 8]), new("past_key_values.0.value", ElementType.Float32, [-1, 2, -1, 8]),
    ];

    private static readonly GraphValue[] Outputs =
    [
        new("logits", ElementType.Float32, [-1, -1, 40]),
        new("present.0.key", ElementType.Float32, [-1, 2, -1, 8]), new("present.0.value", ElementType.Float32, [-1, 2, -1, 8]),
    ];

    [Theory]
    [InlineData("num_logits_to_keep")]
    [InlineData("logits_to_keep")]
    public void Read_CountOfLogits_IsTaken(string name)
    {
        var decoder = Read(new GraphValue(name, ElementType.Int64, []));
        Assert.Equal(name, decoder.LogitsCount?.Name);
        Assert.True(decoder.IsPruned);
    }

    [Theory]
    [InlineData("num_logits_to_keep", ElementType.Int64, "instead of one whole number", 3L)]
    [InlineData("num_logits_to_keep", ElementType.Float32, "instead of one whole number")]
    [InlineData("use_cache_branch", ElementType.Bool, "export it without merging", 1L)]
    [InlineData("block_table", ElementType.Int32, "paged attention", -1L, -1L)]
    [InlineData("encoder_hidden_states", ElementType.Float32, "attends to an encoder", -1L, -1L, 8L)]
    [InlineData("pixel_values", ElementType.Float32, "images or sound", -1L)]
    // The state of LFM2 and of Qwen3.5, as Optimum's exports and ONNX Runtime GenAI's builder name it.
    [InlineData("past_conv.0", ElementType.Float32, "hybrid model", -1L, 8L, 3L)]
    [InlineData("past_recurrent.1", ElementType.Float32, "hybrid model", -1L, 16L, 128L, 128L)]
    [InlineData("past_key_values.1.conv_state", ElementType.Float32, "hybrid model", -1L, 8L, 3L)]
    [InlineData("past_key_values.1.recurrent_state", ElementType.Float32, "hybrid model", -1L, 16L, 128L, 128L)]
    [InlineData("temperature", ElementType.Float32, "does not know: 'temperature'", 1L)]
    public void Read_InputThatCannotBeFed_IsRefusedByName(string name, object type, string reason, params long[] shape)
    {
        var exception = Assert.Throws<ModelLoadException>(() => Read(new GraphValue(name, (ElementType)type, shape)));
        Assert.Contains(reason, exception.Message, StringComparison.Ordinal);
        Assert.Contains($"'{name}'", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_GraphWithoutKvCache_IsRefused()
    {
        var exception = Assert.Throws<ModelLoadException>(() => DecoderInterfaceReader.Read(Config, Inputs[..2], Outputs));
        Assert.Contains("no KV cache", exception.Message, StringComparison.Ordinal);
    }

    private static DecoderInterface Read(GraphValue added) => DecoderInterfaceReader.Read(Config, [.. Inputs, added], Outputs);
}
