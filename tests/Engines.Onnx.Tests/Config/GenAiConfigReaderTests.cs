using ModelRunner.Abstractions.Errors;
using ModelRunner.Engines.Onnx.Config;

namespace ModelRunner.Engines.Onnx.Tests.Config;

public sealed class GenAiConfigReaderTests
{
    [Fact]
    public void Read_LeastPossible_HasTheDefaults()
    {
        var config = Read("""{"model": {"type": "llama", "eos_token_id": [2, 3], "decoder": {}}}""");
        Assert.Equal("model.onnx", config.FileName);
        Assert.Equal("past_key_values.%d.key", config.Names.PastKeys);
        Assert.Equal("present.%d.value", config.Names.PresentValues);
        Assert.Equal([2, 3], config.EndOfSequence);
        Assert.Null(config.BeginOfSequence);
        Assert.Empty(config.Providers);
    }

    [Fact]
    public void Read_ProviderOptions_AreKept()
    {
        var config = Read("""
            {"model": {"type": "llama", "eos_token_id": 2, "decoder": {"session_options": {
              "session.set_denormal_as_zero": "1", "session.optimized_model_external_initializers_file_name": "/tmp/x",
              "provider_options": [{"cuda": {"enable_cuda_graph": "0", "device_id": 1}}]}}}}
            """);
        var provider = Assert.Single(config.Providers);
        Assert.Equal("cuda", provider.Name);
        Assert.Equal("1", provider.Options["device_id"]);

        // What would write files is not passed on.
        Assert.Equal(["session.set_denormal_as_zero"], config.SessionEntries.Keys);
    }

    /// <summary>A folder may choose how an accelerator computes, but not which files it loads as code, reads or writes.</summary>
    [Theory]
    [InlineData("trt_extra_plugin_lib_paths")]
    [InlineData("backend_path")]
    [InlineData("trt_engine_cache_path")]
    [InlineData("cache_dir")]
    [InlineData("config_file")]
    [InlineData("load_config")]
    public void Read_ProviderOptionsThatNameFiles_AreNotPassedOn(string name)
    {
        var config = Read("""
            {"model": {"type": "llama", "decoder": {"session_options": {
              "provider_options": [{"TensorRT": {"NAME": "/tmp/x", "trt_profile_min_shapes": "a:1"}}]}}}}
            """.Replace("NAME", name, StringComparison.Ordinal));
        Assert.Equal(["trt_profile_min_shapes"], Assert.Single(config.Providers).Options.Keys);
    }

    [Theory]
    [InlineData("""{"model": {"type": "whisper", "encoder": {}, "decoder": {}}}""", "encoder-decoder")]
    [InlineData("""{"model": {"type": "phi3v", "vision": {}, "decoder": {}}}""", "vision")]
    [InlineData("""{"model": {"type": "llama", "decoder": {"pipeline": []}}}""", "pipeline")]
    [InlineData("""{"model": {"type": "llama", "decoder": {"inputs": {"block_table": "block_table"}}}}""", "paged attention")]
    [InlineData("""{"model": {"type": "llama", "decoder": {"session_options": {"custom_ops_library": "a.so"}}}}""", "custom_ops_library")]
    [InlineData("""{"model": {"type": "llama", "vocab_size": -1, "decoder": {}}}""", "model.vocab_size")]
    [InlineData("""{"model": {"type": 4, "decoder": {}}}""", "model.type")]
    public void Read_WhatDoesNotRun_IsRefusedByName(string json, string reason)
    {
        var exception = Assert.Throws<ModelLoadException>(() => Read(json));
        Assert.Contains(reason, exception.Message, StringComparison.Ordinal);
    }

    private static GenAiConfig Read(string json)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(Path.Combine(folder.Path, "genai_config.json"), json);
        return GenAiConfigReader.Read(folder.Path);
    }
}
