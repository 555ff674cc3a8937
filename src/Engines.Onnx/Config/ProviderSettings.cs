namespace ModelRunner.Engines.Onnx.Config;

/// <summary>
/// The settings of accelerators that a folder may make: how they compute, and how much memory they take. Everything else
/// is left out, for ONNX Runtime takes addresses of functions and streams (<c>gpu_external_alloc</c>,
/// <c>user_compute_stream</c>), libraries, and files to read and to write by the same way. Pure.
/// </summary>
/// <remarks>
/// The names are those of each provider's page under https://onnxruntime.ai/docs/execution-providers/. Captured graphs
/// (<c>enable_cuda_graph</c>) are none of them: they are replayed with the shapes of the first launch, and ours change.
/// </remarks>
internal static class ProviderSettings
{
    private static readonly string[] None = [];

    // By the provider's name in a folder, in lower case.
    private static readonly Dictionary<string, HashSet<string>> Allowed = new(StringComparer.Ordinal)
    {
        ["cuda"] = Names(
            "device_id", "gpu_mem_limit", "arena_extend_strategy", "cudnn_conv_algo_search", "cudnn_conv_use_max_workspace",
            "cudnn_conv1d_pad_to_nc1d", "do_copy_in_default_stream", "enable_skip_layer_norm_strict_mode", "fuse_conv_bias",
            "prefer_nhwc", "sdpa_kernel", "tunable_op_enable", "tunable_op_max_tuning_duration_ms", "tunable_op_tuning_enable",
            "use_ep_level_unified_stream", "use_tf32"),
        ["tensorrt"] = Names(
            "device_id", "trt_auxiliary_streams", "trt_bf16_enable", "trt_build_heuristics_enable", "trt_builder_optimization_level",
            "trt_context_memory_sharing_enable", "trt_fp16_enable", "trt_force_sequential_engine_build", "trt_layer_norm_fp32_fallback",
            "trt_max_partition_iterations", "trt_max_workspace_size", "trt_min_subgraph_size", "trt_op_types_to_exclude",
            "trt_profile_max_shapes", "trt_profile_min_shapes", "trt_profile_opt_shapes", "trt_sparsity_enable"),
        ["nvtensorrtrtx"] = Names(
            "device_id", "nv_max_shared_mem_size", "nv_max_workspace_size", "nv_multi_profile_enable", "nv_profile_max_shapes",
            "nv_profile_min_shapes", "nv_profile_opt_shapes"),
        ["rocm"] = Names(
            "device_id", "gpu_mem_limit", "arena_extend_strategy", "do_copy_in_default_stream", "miopen_conv_exhaustive_search",
            "miopen_conv_use_max_workspace", "tunable_op_enable", "tunable_op_max_tuning_duration_ms", "tunable_op_tuning_enable"),
        ["migraphx"] = Names(
            "device_id", "migraphx_arena_extend_strategy", "migraphx_bf16_enable", "migraphx_exhaustive_tune", "migraphx_fp16_enable",
            "migraphx_fp8_enable", "migraphx_mem_limit"),
        ["dml"] = Names("device_id", "device_filter", "disable_metacommands", "performance_preference"),
        ["webgpu"] = Names(
            "dawnBackendType", "defaultBufferCacheMode", "enableInt64", "forceCpuNodeNames", "powerPreference", "preferredLayout",
            "queryResolveBufferCacheMode", "storageBufferCacheMode", "uniformBufferCacheMode", "validationMode"),
        ["openvino"] = Names(
            "device_type", "disable_dynamic_shapes", "enable_opencl_throttling", "enable_qdq_optimizer", "model_priority",
            "num_of_threads", "num_streams", "precision"),
        ["qnn"] = Names(
            "device_id", "enable_htp_fp16_precision", "htp_arch", "htp_graph_finalization_optimization_mode",
            "htp_performance_mode", "offload_graph_io_quantization", "qnn_context_priority", "rpc_control_latency", "soc_model",
            "vtcm_mb"),
        ["coreml"] = Names(
            "AllowLowPrecisionAccumulationOnGPU", "EnableOnSubgraphs", "MLComputeUnits", "ModelFormat", "RequireStaticInputShapes",
            "SpecializationStrategy"),
        ["xnnpack"] = Names("intra_op_num_threads"),
    };

    /// <summary>The settings of a provider that a folder may make; none of one that is not known.</summary>
    /// <param name="provider">Its name in the folder, in any case.</param>
    public static IReadOnlyCollection<string> Of(string provider) => provider.ToLowerInvariant() switch
    {
        "directml" => Allowed["dml"],
        var name => Allowed.TryGetValue(name, out var names) ? names : None,
    };

    private static HashSet<string> Names(params string[] names) => new(names, StringComparer.Ordinal);
}
