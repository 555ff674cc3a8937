using ModelRunner.ModelStore;
using ModelRunner.ModelStore.Content;
using ModelRunner.ModelStore.Tests;
using ModelRunner.ModelStore.Tests.Servers;
using ModelRunner.ModelStore.Transfer;
using ModelRunner.Server.Models;
using ModelRunner.Testing;

namespace ModelRunner.Server.Tests.Models;

/// <summary>Pulls at once, from a registry that answers with blobs when it is told to.</summary>
public sealed class PullHubTests : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("modelrunner-hub").FullName;
    private readonly TaskCompletionSource _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<IDisposable> _open = [];
    private FakeRegistry? _registry;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Pulls_OfOneModel_AreOneTransferThatAllSee()
    {
        var (hub, name) = await StartAsync();
        var seen = new[] { new Seen(), new Seen() };

        // A pull has joined before it waits for the first time.
        var first = hub.PullAsync(name, null, seen[0], Token);
        var second = hub.PullAsync($" {name.Replace("team", "TEAM", StringComparison.Ordinal)}", null, seen[1], Token);
        _gate.SetResult();
        var models = await Task.WhenAll(first, second);

        Assert.Equal(models[0].Model.Id, models[1].Model.Id);
        Assert.All(models, model => Assert.True(model.HasDownloaded));
        Assert.All(seen, listener => Assert.True(listener.Bytes > 0));
        Assert.All(Blobs().GroupBy(path => path), path => Assert.Single(path));
    }

    [Fact]
    public async Task Pull_WhoseFirstWaiterLeft_GoesOnForTheOther()
    {
        var (hub, name) = await StartAsync();
        using var leave = new CancellationTokenSource();
        var first = hub.PullAsync(name, null, new Seen(), leave.Token);
        var second = hub.PullAsync(name, null, new Seen(), Token);

        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        _gate.SetResult();

        Assert.True((await second).HasDownloaded);
        Assert.All(Blobs().GroupBy(path => path), path => Assert.Single(path));
    }

    [Fact]
    public async Task Pull_ThatAllHaveLeft_EndsAndCanBeAskedForAgain()
    {
        var (hub, name) = await StartAsync();
        using var leave = new CancellationTokenSource();
        var first = hub.PullAsync(name, null, new Seen(), leave.Token);

        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        _gate.SetResult();

        Assert.True((await hub.PullAsync(name, null, new Seen(), Token)).HasDownloaded);
    }

    [Fact]
    public async Task Pull_WithATokenOfItsOwn_IsItsOwn()
    {
        var (hub, name) = await StartAsync();
        var first = hub.PullAsync(name, null, new Seen(), Token);
        var second = hub.PullAsync(name, "token", new Seen(), Token);
        _gate.SetResult();
        await Task.WhenAll(first, second);

        Assert.Equal(2, _registry!.Requests.Count(request => request.Path.EndsWith("/manifests/v1", StringComparison.Ordinal)));
    }

    public async ValueTask DisposeAsync()
    {
        _open.ForEach(open => open.Dispose());
        if (_registry is not null) await _registry.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task<(PullHub Hub, string Name)> StartAsync()
    {
        _registry = await FakeRegistry.StartAsync();
        var name = $"{_registry.Host}/team/model:v1";
        var source = Open("source");
        await source.AddAsync(FixtureModels.Tiny, name, Token);
        await source.PushAsync(name, null, null, Token);
        _registry.Requests.Clear();
        _registry.Gate = _gate.Task;
        var hub = new PullHub(Open("target"));
        _open.Add(hub);
        return (hub, name);
    }

    private ModelTransfers Open(string name)
    {
        var transfers = new ModelTransfers(ContentStore.Open(Path.Combine(_folder, name), TimeProvider.System), new TransferOptions(), TimeProvider.System);
        _open.Add(transfers);
        return transfers;
    }

    private IEnumerable<string> Blobs() => _registry!.Requests.Select(request => request.Path).Where(path => path.Contains("/blobs/", StringComparison.Ordinal));

    private sealed class Seen : IProgress<TransferProgress>
    {
        private long _bytes;

        public long Bytes => Interlocked.Read(ref _bytes);

        public void Report(TransferProgress value) => Interlocked.Add(ref _bytes, value.Current);
    }
}
