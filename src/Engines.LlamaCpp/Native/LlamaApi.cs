using System.Runtime.InteropServices;

namespace ModelRunner.Engines.LlamaCpp.Native;

/// <summary>The functions of llama.h that the engine uses, under their C names.</summary>
internal static unsafe partial class LlamaApi
{
    public const string Llama = "llama";
    public const string Ggml = "ggml";
    public const string GgmlBase = "ggml-base";

    // enum ggml_backend_dev_type.
    public const int Cpu = 0;
    public const int Gpu = 1;
    public const int IntegratedGpu = 2;

    [LibraryImport(Llama)]
    public static partial byte* llama_version();

    [LibraryImport(Llama)]
    public static partial byte* llama_print_system_info();

    [LibraryImport(Llama)]
    public static partial void llama_log_set(delegate* unmanaged[Cdecl]<int, byte*, nint, void> callback, nint userData);

    [LibraryImport(Llama)]
    public static partial void llama_backend_init();

    [LibraryImport(Ggml, StringMarshalling = StringMarshalling.Utf8)]
    public static partial void ggml_backend_load_all_from_path(string folder);

    [LibraryImport(Ggml)]
    public static partial nuint ggml_backend_dev_count();

    [LibraryImport(Ggml)]
    public static partial nint ggml_backend_dev_get(nuint index);

    [LibraryImport(Ggml)]
    public static partial byte* ggml_backend_dev_description(nint device);

    [LibraryImport(Ggml)]
    public static partial nint ggml_backend_dev_by_type(int type);

    [LibraryImport(GgmlBase)]
    public static partial nint ggml_backend_dev_backend_reg(nint device);

    [LibraryImport(GgmlBase, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint ggml_backend_reg_get_proc_address(nint backend, string name);

    [LibraryImport(GgmlBase)]
    public static partial void ggml_threadpool_params_init(GgmlThreadPoolParams* parameters, int threads);

    [LibraryImport(Llama)]
    public static partial LlamaModelParams llama_model_default_params();

    [LibraryImport(Llama)]
    public static partial LlamaContextParams llama_context_default_params();

    [LibraryImport(Llama, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint llama_model_load_from_file(string path, LlamaModelParams parameters);

    [LibraryImport(Llama)]
    public static partial void llama_model_free(nint model);

    [LibraryImport(Llama)]
    public static partial nint llama_init_from_model(nint model, LlamaContextParams parameters);

    [LibraryImport(Llama)]
    public static partial void llama_free(nint context);

    [LibraryImport(Llama)]
    public static partial nint llama_model_get_vocab(nint model);

    [LibraryImport(Llama)]
    public static partial int llama_model_n_ctx_train(nint model);

    [LibraryImport(Llama)]
    public static partial int llama_model_n_embd(nint model);

    [LibraryImport(Llama)]
    public static partial int llama_model_n_embd_out(nint model);

    [LibraryImport(Llama)]
    public static partial int llama_model_n_swa(nint model);

    [LibraryImport(Llama)]
    public static partial uint llama_model_n_cls_out(nint model);

    [LibraryImport(Llama)]
    public static partial ulong llama_model_size(nint model);

    [LibraryImport(Llama)]
    public static partial ulong llama_model_n_params(nint model);

    [LibraryImport(Llama)]
    public static partial byte llama_model_has_encoder(nint model);

    [LibraryImport(Llama)]
    public static partial byte llama_model_has_decoder(nint model);

    [LibraryImport(Llama)]
    public static partial byte llama_model_is_recurrent(nint model);

    [LibraryImport(Llama)]
    public static partial byte llama_model_is_hybrid(nint model);

    [LibraryImport(Llama)]
    public static partial byte llama_model_is_diffusion(nint model);

    [LibraryImport(Llama)]
    public static partial nuint llama_max_parallel_sequences();

    [LibraryImport(Llama)]
    public static partial uint llama_n_ctx(nint context);

    [LibraryImport(Llama)]
    public static partial uint llama_n_ctx_seq(nint context);

    [LibraryImport(Llama)]
    public static partial int llama_pooling_type(nint context);

    [LibraryImport(Llama)]
    public static partial void llama_set_n_threads(nint context, int threads, int batchThreads);

    [LibraryImport(Llama)]
    public static partial void llama_attach_threadpool(nint context, nint pool, nint batchPool);

    [LibraryImport(Llama)]
    public static partial nint llama_get_memory(nint context);

    [LibraryImport(Llama)]
    public static partial void llama_memory_clear(nint memory, byte data);

    [LibraryImport(Llama)]
    public static partial byte llama_memory_seq_rm(nint memory, int sequence, int from, int to);

    [LibraryImport(Llama)]
    public static partial void llama_memory_seq_cp(nint memory, int source, int target, int from, int to);

    [LibraryImport(Llama)]
    public static partial int llama_memory_seq_pos_max(nint memory, int sequence);

    [LibraryImport(Llama)]
    public static partial int llama_decode(nint context, LlamaBatch batch);

    [LibraryImport(Llama)]
    public static partial int llama_encode(nint context, LlamaBatch batch);

    [LibraryImport(Llama)]
    public static partial float* llama_get_logits_ith(nint context, int index);

    [LibraryImport(Llama)]
    public static partial float* llama_get_embeddings_ith(nint context, int index);

    [LibraryImport(Llama)]
    public static partial float* llama_get_embeddings_seq(nint context, int sequence);

    [LibraryImport(Llama)]
    public static partial int llama_vocab_n_tokens(nint vocabulary);

    [LibraryImport(Llama)]
    public static partial int llama_vocab_type(nint vocabulary);

    [LibraryImport(Llama)]
    public static partial byte* llama_vocab_get_text(nint vocabulary, int token);

    [LibraryImport(Llama)]
    public static partial int llama_vocab_get_attr(nint vocabulary, int token);

    [LibraryImport(Llama)]
    public static partial byte llama_vocab_is_eog(nint vocabulary, int token);

    [LibraryImport(Llama)]
    public static partial byte llama_vocab_is_control(nint vocabulary, int token);

    [LibraryImport(Llama)]
    public static partial int llama_vocab_bos(nint vocabulary);

    [LibraryImport(Llama)]
    public static partial int llama_vocab_eos(nint vocabulary);

    [LibraryImport(Llama)]
    public static partial byte llama_vocab_get_add_bos(nint vocabulary);

    [LibraryImport(Llama)]
    public static partial byte llama_vocab_get_add_eos(nint vocabulary);

    [LibraryImport(Llama)]
    public static partial int llama_tokenize(
        nint vocabulary,
        byte* text,
        int textLength,
        int* tokens,
        int maxTokens,
        byte addSpecial,
        byte parseSpecial);

    [LibraryImport(Llama)]
    public static partial int llama_token_to_piece(
        nint vocabulary,
        int token,
        byte* buffer,
        int length,
        int leftStrip,
        byte special);
}
