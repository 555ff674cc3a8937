using ModelRunner.Bench.Measuring;

namespace ModelRunner.Bench.Http;

/// <summary>Clients of a server process.</summary>
internal sealed class HttpRunner(ServerProcess server, int vocabularySize) : IDecodeRunner
{
    /// <inheritdoc/>
    public async Task<double> RunAsync(Workload workload)
    {
        var streams = Enumerable.Range(0, workload.Clients).Select(client =>
            TokenReader.ReadAsync(server, workload.PromptOf(client, vocabularySize), workload.Tokens));
        return DecodeRate.Of(await Task.WhenAll(streams));
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => server.DisposeAsync();
}
