using System.Net;
using ModelRunner.ModelStore.Content;
using ModelRunner.ModelStore.Tests.Servers;
using ModelRunner.ModelStore.Transfer;
using ModelRunner.StoreWorker;

namespace ModelRunner.ModelStore.Tests.Registry;

/// <summary>Transfers through a proxy on this machine, which answers by itself as if it were each host.</summary>
public sealed class ProxyTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("modelrunner-proxy").FullName;
    private readonly WorkModel _model = new(1, 100_000);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Pull_ThroughAProxy_LeavesNamesToIt()
    {
        await using var proxy = await FakeRegistry.StartAsync();
        await PushAsync(proxy);
        proxy.Requests.Clear();
        using var transfers = Open(proxy);

        var (model, _) = await transfers.PullAsync("registry-of-nowhere.local/team/model", null, null, Token);

        Assert.Equal(_model.Manifest.Digest, model.Id);
        Assert.All(proxy.Requests, request => Assert.Equal("registry-of-nowhere.local", request.Host));
    }

    // Each pull from Docker Hub is redirected to storage over TLS. The proxy of a company stands in its private network.
    [Fact]
    public async Task Redirect_ToTheInternet_GoesThroughAProxyOfTheLocalNetwork()
    {
        await using var proxy = await RegistryFront.StartAsync(isDebian: false);
        await PushAsync(proxy);
        proxy.Requests.Clear();
        proxy.RedirectBlob = path => $"https://storage.example{path}";
        using var transfers = Open(proxy);

        var error = await Assert.ThrowsAsync<TransferException>(() =>
            transfers.PullAsync("registry-of-nowhere.local/team/model", null, null, Token));

        // This proxy opens no tunnels, but it was asked for one.
        Assert.Equal(TransferException.Unavailable, error.Code);
        Assert.Contains(proxy.Requests, request => request.Method == "CONNECT");
    }

    [Fact]
    public async Task Redirect_ToAPrivateAddress_IsRefusedBeforeTheProxySeesIt()
    {
        await using var proxy = await RegistryFront.StartAsync(isDebian: false);
        await PushAsync(proxy);
        proxy.Requests.Clear();
        proxy.RedirectBlob = path => $"http://10.0.0.1/cdn{path}";
        using var transfers = Open(proxy);

        var error = await Assert.ThrowsAsync<TransferException>(() =>
            transfers.PullAsync("registry-of-nowhere.local/team/model", null, null, Token));

        Assert.Equal(TransferException.AddressRefused, error.Code);
        Assert.DoesNotContain(proxy.Requests, request => request.Path.StartsWith("/cdn/", StringComparison.Ordinal));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private async Task PushAsync(ITestRegistry registry)
    {
        var name = $"{registry.Host}/team/model";
        using var source = new ModelTransfers(Store("source"), new TransferOptions(), TimeProvider.System);
        foreach (var blob in _model.Manifest.Blobs) source.Store.AddBlob(_model.GetBytes(blob.Digest));
        await source.Store.CommitAsync(_model.Manifest, name, Token);
        await source.PushAsync(name, null, null, Token);
    }

    private ModelTransfers Open(ITestRegistry proxy) => new(
        Store("target"),
        new TransferOptions { Proxy = new WebProxy($"http://{proxy.Host}"), MaxRetries = 1, RetryPause = TimeSpan.FromMilliseconds(1) },
        TimeProvider.System);

    private ContentStore Store(string name) => ContentStore.Open(Path.Combine(_folder, name), TimeProvider.System);
}
