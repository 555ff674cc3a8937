using ModelRunner.Abstractions.Errors;
using ModelRunner.ModelStore.Content;
using ModelRunner.ModelStore.Tests.Servers;
using ModelRunner.ModelStore.Transfer;
using ModelRunner.StoreWorker;

namespace ModelRunner.ModelStore.Tests.Registry;

/// <summary>The same cases against a registry in memory and against Debian's.</summary>
public sealed class RegistryTests : IDisposable
{
    private static readonly TransferOptions Quick = new() { SegmentSize = 16 << 10, RetryPause = TimeSpan.FromMilliseconds(1) };
    private readonly string _folder = Directory.CreateTempSubdirectory("modelrunner-transfer").FullName;
    private readonly WorkModel _model = new(1, 300_000);
    private int _storeCount;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Push_ThenPull_GivesTheSameModel(bool isDebian)
    {
        await using var registry = await StartAsync(isDebian);
        var name = await PushAsync(registry);
        using var target = Open();

        var (model, hasDownloaded) = await target.PullAsync(name, null, null, Token);
        Assert.True(hasDownloaded);
        Assert.Equal(_model.Manifest.Digest, model.Id);
        Assert.Equal([name], model.Tags);
        Assert.Empty((await target.Store.CheckAsync(repair: false, null, Token)).Faults);

        Assert.False((await target.PullAsync(name, null, null, Token)).HasDownloaded);
        Assert.Equal(model.Id, (await target.PullAsync($"{name.Split(":v1")[0]}@{model.Id}", null, null, Token)).Model.Id);
        Assert.Equal("Q1", (await target.InspectRemoteAsync(name, null, Token)).Config.Quantization);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Pull_ThroughAConnectionThatIsCut_GoesOnWhereItWas(bool isDebian)
    {
        await using var registry = await StartAsync(isDebian);
        await PushAsync(registry);
        for (var seed = 0; seed < 10; seed++)
        {
            await using var proxy = new CuttingProxy(int.Parse(registry.Host.Split(':')[1], null), cuts: 12, seed);
            using var target = Open(Quick with { MaxRetries = 30 });

            var (model, _) = await target.PullAsync($"{proxy.Host}/team/model:v1", null, null, Token);

            Assert.Equal(_model.Manifest.Digest, model.Id);
            Assert.True(proxy.CutsLeft < 12, "nothing was cut");
            Assert.Empty((await target.Store.CheckAsync(repair: false, null, Token)).Faults);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Pull_ThatGaveUp_IsResumedByTheNext(bool isDebian)
    {
        await using var registry = await StartAsync(isDebian);
        await PushAsync(registry);
        using var target = Open(Quick with { MaxRetries = 0, Connections = 1 });
        var blobs = Path.Combine(target.Store.Root, "blobs", "sha256");
        long begun = 0;
        for (var seed = 1; begun == 0; seed++)
        {
            // Whole segments are kept, and some connections do not live for one.
            await using var proxy = new CuttingProxy(int.Parse(registry.Host.Split(':')[1], null), cuts: 1_000, seed);
            await Assert.ThrowsAsync<TransferException>(() => target.PullAsync($"{proxy.Host}/team/model:v1", null, null, Token));
            begun = Directory.GetFiles(blobs, "*.incomplete").Sum(path => new FileInfo(path).Length);
        }

        var first = new List<long>();
        await target.PullAsync($"{registry.Host}/team/model:v1", null, new First(first), Token);

        Assert.Equal(begun, first[0]);
        Assert.Empty(Directory.GetFiles(blobs, "*.incomplete"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Pull_OfABlobWithOtherBytes_IsRefused(bool isDebian)
    {
        await using var registry = await StartAsync(isDebian);
        var name = await PushAsync(registry);
        await registry.CorruptAsync(_model.Manifest.Layers[1].Digest);
        using var target = Open();

        var error = await Assert.ThrowsAsync<TransferException>(() => target.PullAsync(name, null, null, Token));

        Assert.Equal(TransferException.Corrupt, error.Code);
        Assert.Null(target.Store.GetBlobSize(_model.Manifest.Layers[1].Digest));
        Assert.Empty(target.Store.List());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Pull_WithALogin_NeedsTheRightOne(bool isDebian)
    {
        await using ITestRegistry registry = isDebian ? await DebianRegistry.StartAsync(hasLogin: true) : await RegistryFront.StartAsync(isDebian: false);
        if (registry is RegistryFront front) front.Login = ("user", "right");
        using (var source = Open(Logins(registry.Host, "user", "right")))
        {
            await CommitAsync(source, $"{registry.Host}/team/model:v1");
            await source.PushAsync($"{registry.Host}/team/model:v1", null, null, Token);
        }

        foreach (var (user, password, isRight) in new[] { ("user", "right", true), ("user", "wrong", false), ("", "", false) })
        {
            using var target = Open(Logins(registry.Host, user, password));
            var pull = () => target.PullAsync($"{registry.Host}/team/model:v1", null, null, Token);
            if (isRight) await pull();
            else Assert.Equal(TransferException.Unauthorized, (await Assert.ThrowsAsync<TransferException>(pull)).Code);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Pulls_OfTwoServersOnOneStore_MakeOneModel(bool isDebian)
    {
        await using var registry = await StartAsync(isDebian);
        var name = await PushAsync(registry);
        var root = Path.Combine(_folder, "shared");
        var servers = Enumerable.Range(0, 4).Select(_ => new ModelTransfers(ContentStore.Open(root, TimeProvider.System), Quick, TimeProvider.System)).ToList();

        await Task.WhenAll(servers.Select(server => server.PullAsync(name, null, null, Token)));

        Assert.Equal([name], Assert.Single(servers[0].Store.List()).Tags);
        Assert.Empty((await servers[0].Store.CheckAsync(repair: false, null, Token)).Faults);
        Assert.Equal(4, Directory.GetFiles(Path.Combine(root, "blobs", "sha256")).Length);
        servers.ForEach(server => server.Dispose());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Pull_OfWhatIsNotThere_IsNotFound(bool isDebian)
    {
        await using var registry = await StartAsync(isDebian);
        using var target = Open();

        await Assert.ThrowsAsync<ModelNotFoundException>(() => target.PullAsync($"{registry.Host}/team/none", null, null, Token));
    }

    private static async Task<ITestRegistry> StartAsync(bool isDebian) => isDebian ? await DebianRegistry.StartAsync() : await FakeRegistry.StartAsync();

    private async Task<string> PushAsync(ITestRegistry registry)
    {
        var name = $"{registry.Host}/team/model:v1";
        using var source = Open();
        await CommitAsync(source, name);
        await source.PushAsync(name, null, null, Token);
        return name;
    }

    private async Task CommitAsync(ModelTransfers source, string name)
    {
        foreach (var blob in _model.Manifest.Blobs) source.Store.AddBlob(_model.GetBytes(blob.Digest));
        Assert.Empty(await source.Store.CommitAsync(_model.Manifest, name, Token));
    }

    private TransferOptions Logins(string host, string user, string password)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder, $"docker{_storeCount}")).FullName;
        var auth = Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes($"{user}:{password}"));
        File.WriteAllText(Path.Combine(folder, "config.json"), $$"""{"auths":{"{{host}}":{"auth":"{{auth}}" } } }""");
        return Quick with { DockerConfigFolder = folder };
    }

    private ModelTransfers Open(TransferOptions? options = null) =>
        new(ContentStore.Open(Path.Combine(_folder, $"store{_storeCount++}"), TimeProvider.System), options ?? Quick, TimeProvider.System);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private sealed class First(List<long> seen) : IProgress<TransferProgress>
    {
        public void Report(TransferProgress value)
        {
            lock (seen)
                if (!value.IsVerifying && value.Current > 0)
                    seen.Add(value.Current);
        }
    }
}
