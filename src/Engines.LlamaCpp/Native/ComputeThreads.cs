namespace ModelRunner.Engines.LlamaCpp.Native;

/// <summary>
/// The threads that ggml computes with, kept from step to step: left to itself, libllama starts and joins them in every
/// call. All contexts of a thread count share one set, so that no second set spins beside it; a set computes for one
/// context at a time. Sets live as long as the process, asleep when nothing is decoded.
/// </summary>
internal sealed unsafe class ComputeThreads
{
    /// <summary>
    /// How long a thread looks for the next step before it sleeps, in ggml's units of about 2 ms. Long enough for what
    /// happens between two steps, too short to be seen when a model falls silent.
    /// </summary>
    private const uint Poll = 50;

    private static readonly Lock Gate = new();
    private static readonly Dictionary<int, ComputeThreads> Sets = [];

    private readonly Lock _computing = new();
    private readonly int _count;
    private readonly nint _pool;

    private ComputeThreads(int count, nint pool)
    {
        _count = count;
        _pool = pool;
    }

    /// <summary>The set of so many threads. One thread is the caller's own: then there is nothing to share.</summary>
    public static ComputeThreads Get(int count)
    {
        if (count == 1)
            return new ComputeThreads(1, 0);

        lock (Gate)
        {
            if (!Sets.TryGetValue(count, out var threads))
                Sets.Add(count, threads = new ComputeThreads(count, CreatePool(count)));

            return threads;
        }
    }

    /// <summary>Makes a context compute with this set from its next call on.</summary>
    public void Attach(nint context)
    {
        LlamaApi.llama_set_n_threads(context, _count, _count);
        LlamaApi.llama_attach_threadpool(context, _pool, _pool);
    }

    /// <summary>Waits until no other context computes with this set; every call that computes is inside.</summary>
    public Lock.Scope Enter() => _computing.EnterScope();

    /// <summary>0 when the CPU backend has no pools: then libllama makes its threads for each call.</summary>
    private static nint CreatePool(int count)
    {
        var backend = LlamaApi.ggml_backend_dev_backend_reg(LlamaApi.ggml_backend_dev_by_type(LlamaApi.Cpu));
        var create = (delegate* unmanaged[Cdecl]<GgmlThreadPoolParams*, nint>)LlamaApi.ggml_backend_reg_get_proc_address(backend, "ggml_threadpool_new");
        if (create is null)
            return 0;

        GgmlThreadPoolParams parameters;
        LlamaApi.ggml_threadpool_params_init(&parameters, count);
        parameters.Poll = Poll;
        return create(&parameters);
    }
}
