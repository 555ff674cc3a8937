using ModelRunner.ModelStore.Content;

namespace ModelRunner.Server.Models;

/// <summary>Removes, after the start, what an ended process left in the store.</summary>
internal sealed class StoreCleaning(ContentStore store, ILogger<StoreCleaning> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            var freed = await Task.Run(() => store.CollectAsync(all: false, stoppingToken), stoppingToken);
            if (freed > 0) Log.Collected(logger, freed);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // A store that cannot be cleaned can still be served from.
            Log.CollectFailed(logger, exception, store.Root);
        }
    }
}
