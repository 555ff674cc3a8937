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
              "provider_options": [{"cuda": {"use_tf32": "0", "device_id": 1}}]}}}}
            """);
        var provider = Assert.Single(config.Providers);
        Assert.Equal("cuda", provider.Name);
        Assert.Equal("1", provider.Options["device_id"]);

        // What would write files is not passed on.
        Assert.Equal(["session.set_denormal_as_zero"], config.SessionEntries.Keys);
    }

    /// <summary>
    /// A folder may choose how an accelerator computes, but not which functions and streams it calls, which files it loads as
    /// code, reads or writes, and not that it replays launches of other shapes.
    /// </summary>
    [Theory]
    [InlineData("cuda", "gpu_external_alloc")]
    [InlineData("cuda", "gpu_external_free")]
    [InlineData("cuda", "gpu_external_empty_cache")]
    [InlineData("cuda", "user_compute_stream")]
    [InlineData("cuda", "has_user_compute_stream")]
    [InlineData("cuda", "enable_cuda_graph")]
    [InlineData("rocm", "gpu_external_alloc")]
    [InlineData("MIGraphX", "migraphx_external_alloc")]
    [InlineData("MIGraphX", "migraphx_save_model_name")]
    [InlineData("MIGraphX", "migraphx_int8_calibration_table_name")]
    [InlineData("TensorRT", "trt_engine_cache_prefix")]
    [InlineData("TensorRT", "trt_extra_plugin_lib_paths")]
    [InlineData("TensorRT", "trt_onnx_bytestream")]
    [InlineData("NvTensorRtRtx", "nv_runtime_cache_path")]
    [InlineData("CoreML", "ModelCacheDirectory")]
    [InlineData("VitisAI", "cacheDir")]
    [InlineData("OpenVINO", "context")]
    [InlineData("OpenVINO", "load_config")]
    [InlineData("qnn", "backend_path")]
    [InlineData("webgpu", "dawnProcTable")]
    [InlineData("another", "device_id")]
    [InlineData("cuda", "Device_Id")]
    public void Read_OtherProviderOptions_AreIgnoredAndNamed(string provider, string name)
    {
        var read = ReadProvider(provider, name);
        Assert.Empty(read.Options);
        Assert.Equal([name], read.Ignored);
    }

    [Theory]
    [InlineData("CUDA", "gpu_mem_limit")]
    [InlineData("TensorRT", "trt_profile_min_shapes")]
    [InlineData("DirectML", "device_id")]
    [InlineData("OpenVINO", "device_type")]
    [InlineData("WebGPU", "powerPreference")]
    [InlineData("CoreML", "MLComputeUnits")]
    public void Read_AllowedProviderOptions_AreTaken(string provider, string name)
    {
        var read = ReadProvider(provider, name);
        Assert.Equal([name], read.Options.Keys);
        Assert.Empty(read.Ignored);
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

    private static ProviderConfig ReadProvider(string provider, string setting) => Assert.Single(Read(
        """{"model": {"type": "llama", "decoder": {"session_options": {"provider_options": [{"PROVIDER": {"SETTING": "1"}}]}}}}"""
            .Replace("PROVIDER", provider, StringComparison.Ordinal).Replace("SETTING", setting, StringComparison.Ordinal)).Providers);

    private static GenAiConfig Read(string json)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(Path.Combine(folder.Path, "genai_config.json"), json);
        return GenAiConfigReader.Read(folder.Path);
    }
}
