using ModelRunner.ModelStore;
using ModelRunner.ModelStore.Content;

namespace ModelRunner.Server.Models;

/// <summary>Removes, after the start, what an ended process left in the store; where it cannot be written, that is told.</summary>
internal sealed class StoreCleaning(ContentStore store, ILogger<StoreCleaning> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            var freed = await Task.Run(() => store.CollectAsync(all: false, stoppingToken), stoppingToken);
            if (freed > 0) Log.Collected(logger, freed);
        }
        catch (StoreException exception) when (exception.Code == StoreException.Unavailable)
        {
            Log.StoreUnavailable(logger, exception.Message);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // A store that cannot be cleaned can still be served from.
            Log.CollectFailed(logger, exception, store.Root);
        }
    }
}
