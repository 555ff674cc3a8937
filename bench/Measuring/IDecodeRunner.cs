namespace ModelRunner.Bench.Measuring;

/// <summary>Something that decodes, loaded once and run again and again.</summary>
internal interface IDecodeRunner : IAsyncDisposable
{
    /// <summary>Tokens per second, all clients together.</summary>
    Task<double> RunAsync(Workload workload);
}
