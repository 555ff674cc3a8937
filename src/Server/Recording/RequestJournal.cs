using System.Threading.Channels;
using ModelRunner.ModelStore;
using ModelRunner.Wire.Dmr;

namespace ModelRunner.Server.Recording;

/// <summary>The last requests to each model in memory, where that was asked for. Thread-safe.</summary>
internal sealed class RequestJournal
{
    /// <summary>Requests that are kept for a model, as in Docker Model Runner.</summary>
    public const int MaxRequests = 10;

    // Names come from clients: an endless row of them must not fill the memory.
    private const int MaxModels = 32;
    private const int MaxUnread = 100;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Queue<RecordedRequest>> _models = new(StringComparer.Ordinal);
    private readonly List<string> _byUse = [];
    private readonly List<Channel<RecordedRequest>> _followers = [];

    /// <summary>Takes in a request that has been answered.</summary>
    public void Add(RecordedRequest request)
    {
        var key = ModelName.GetKey(request.Model);
        lock (_lock)
        {
            if (!_models.TryGetValue(key, out var requests)) _models[key] = requests = new();
            _byUse.Remove(key);
            _byUse.Add(key);
            if (_byUse.Count > MaxModels)
            {
                _models.Remove(_byUse[0]);
                _byUse.RemoveAt(0);
            }

            requests.Enqueue(request);
            if (requests.Count > MaxRequests) requests.Dequeue();
            foreach (var follower in _followers) follower.Writer.TryWrite(request);
        }
    }

    /// <summary>The requests of one model, in every spelling of its name, or of all with null.</summary>
    public RecordedModel[] Get(string? model)
    {
        lock (_lock)
            return [.. _models
                .Where(entry => model is null || entry.Key == ModelName.GetKey(model))
                .Select(entry => Group(entry.Value))];
    }

    /// <summary>Those that come until the end. One who reads slowly loses some.</summary>
    public async IAsyncEnumerable<RecordedModel> FollowAsync(
        string? model,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var channel = Channel.CreateBounded<RecordedRequest>(new BoundedChannelOptions(MaxUnread) { FullMode = BoundedChannelFullMode.DropOldest });
        lock (_lock) _followers.Add(channel);
        try
        {
            await foreach (var request in channel.Reader.ReadAllAsync(cancellationToken))
                if (model is null || ModelName.GetKey(request.Model) == ModelName.GetKey(model))
                    yield return new RecordedModel(1, request.Model, [request]);
        }
        finally
        {
            lock (_lock) _followers.Remove(channel);
        }
    }

    private static RecordedModel Group(Queue<RecordedRequest> requests) => new(requests.Count, requests.Last().Model, [.. requests]);
}
