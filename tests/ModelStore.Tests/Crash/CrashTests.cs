using ModelRunner.ModelStore.Content;
using ModelRunner.ModelStore.Transfer;
using ModelRunner.StoreWorker;
using ModelRunner.Testing;

namespace ModelRunner.ModelStore.Tests.Crash;

public sealed class CrashTests
{
    private const string Root = "/store";

    private static readonly TransferOptions Options = new() { SegmentSize = 1 << 10, Connections = 2 };
    private readonly WorkModel _old = new(0, 6_000);
    private readonly WorkModel _new = new(1, 6_000);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Pull_CutByAPowerFailureAtEveryStep_LeavesASoundStoreThatGoesOn()
    {
        var steps = await CountStepsAsync(PullNewAsync);
        Assert.True(steps > 40, $"{steps} steps");

        for (var step = 1; step <= steps; step++)
            for (var seed = 0; seed < Campaign.Count(slice: 4, full: 60); seed++)
            {
                var store = await CrashAsync(PullNewAsync, step, seed);
                Assert.Equal(_old.Manifest.Digest, store.Find(_old.Name)?.Id);
            }
    }

    [Theory]
    [InlineData("tag")]
    [InlineData("delete")]
    [InlineData("collect")]
    [InlineData("bundle")]
    public async Task Change_CutByAPowerFailureAtEveryStep_LeavesASoundStoreThatGoesOn(string change)
    {
        var act = new Func<ContentStore, Task>(store => change switch
        {
            "tag" => store.TagAsync(_old.Name, "other/name", Token),
            "delete" => store.DeleteAsync(_old.Name, force: false, Token),
            "collect" => store.CollectAsync(TimeSpan.Zero, TimeSpan.Zero, Token),
            _ => Task.Run(() => store.GetBundleFolder(store.Find(_old.Name)!), Token),
        });
        var steps = await CountStepsAsync(act);
        for (var step = 1; step <= steps; step++)
            for (var seed = 0; seed < Campaign.Count(slice: 4, full: 60); seed++)
                await CrashAsync(act, step, seed);
    }

    [Fact]
    public async Task Pull_ThatHasReturned_OutlivesAPowerFailure()
    {
        for (var seed = 0; seed < 50; seed++)
        {
            var files = await PrepareAsync();
            await PullNewAsync(ContentStore.Open(Root, files, TimeProvider.System));

            var store = ContentStore.Open(Root, files.Recover(seed), TimeProvider.System);

            Assert.Equal(_new.Manifest.Digest, store.Find(_new.Name)?.Id);
            Assert.Empty((await store.CheckAsync(repair: false, null, Token)).Faults);
        }
    }

    [Fact]
    public async Task Pull_OnAFullDisk_SaysSoAndLeavesNothing()
    {
        var files = await PrepareAsync();
        var store = ContentStore.Open(Root, files, TimeProvider.System);
        var before = Files(files);
        files.Capacity = 10_000;

        var ahead = await Assert.ThrowsAsync<StoreException>(() => PullNewAsync(store));
        Assert.Equal(StoreException.InsufficientStorage, ahead.Code);
        Assert.Equal(before, Files(files));
    }

    [Fact]
    public async Task Download_ThatFillsTheDisk_SaysSoAndGivesTheSpaceBack()
    {
        var files = await PrepareAsync();
        var store = ContentStore.Open(Root, files, TimeProvider.System);
        var before = Files(files);
        files.Capacity = 13_000;
        var blob = _new.Manifest.Layers[0];

        var error = await Assert.ThrowsAsync<StoreException>(() =>
            new BlobDownloader(store, Options, TimeProvider.System).DownloadAsync(blob, _new.GetSource(blob), _ => { }, Token));

        Assert.Equal(StoreException.InsufficientStorage, error.Code);
        Assert.Equal(before, Files(files));
        Assert.Equal(_old.Manifest.Digest, store.Find(_old.Name)?.Id);
    }

    [Fact]
    public async Task BitFlips_OfStoredBlobs_AreAllFoundAndMendedAlone()
    {
        var random = new Random(3);
        for (var flip = 0; flip < 200; flip++)
        {
            var files = await PrepareAsync();
            var store = ContentStore.Open(Root, files, TimeProvider.System);
            store.GetBundleFolder(store.Find(_old.Name)!);
            var blob = _old.Manifest.Blobs.ElementAt(random.Next(_old.Manifest.Blobs.Count()));
            files.Flip($"{Root}/blobs/sha256/{blob.Digest.Hex}", random.NextInt64(blob.Size), random.Next(8));

            var fault = Assert.Single((await store.CheckAsync(repair: flip % 2 == 0, null, Token)).Faults);
            Assert.Equal((StoreFaultKind.WrongBlob, blob.Digest.ToString()), (fault.Kind, fault.Digest));

            var fetched = new List<Digest>();
            await new ArtifactPuller(store, Options, TimeProvider.System).PullAsync(
                _old.Manifest,
                _old.Name,
                wanted =>
                {
                    fetched.Add(wanted.Digest);
                    return _old.GetSource(wanted);
                },
                null,
                Token);
            Assert.Equal([blob.Digest], fetched);
            Assert.Empty((await store.CheckAsync(repair: false, null, Token)).Faults);
            AssertBundle(files, store);
        }
    }

    // The check hashes the wrong file to its end, while its name is already that of the right one.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Repair_OfABlobThatAPullReplacesMeanwhile_KeepsTheRightOne(bool isCut)
    {
        var files = await PrepareAsync();
        using var store = ContentStore.Open(Root, files, TimeProvider.System);
        ReplaceWhileHashed(files, store, isCut);

        Assert.Empty((await store.CheckAsync(repair: true, null, Token)).Faults);

        Assert.Null(files.Opened);
        Assert.Empty((await store.CheckAsync(repair: false, null, Token)).Faults);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Pull_OfABlobThatAnotherReplacesMeanwhile_KeepsTheRightOne(bool isCut)
    {
        var files = await PrepareAsync();
        using var store = ContentStore.Open(Root, files, TimeProvider.System);
        ReplaceWhileHashed(files, store, isCut);

        Assert.False(await PullAsync(store, _old));

        Assert.Null(files.Opened);
        Assert.Empty((await store.CheckAsync(repair: false, null, Token)).Faults);
    }

    [Fact]
    public async Task Store_ThatCannotBeWritten_IsReadAndRefusesChanges()
    {
        var files = await PrepareAsync();
        using (var writable = ContentStore.Open(Root, files, TimeProvider.System)) writable.GetBundleFolder(writable.Find(_old.Name)!);
        files.IsReadOnly = true;
        using var store = ContentStore.Open(Root, files, TimeProvider.System);

        AssertBundle(files, store);
        foreach (var change in new Func<Task>[]
        {
            () => PullNewAsync(store),
            () => store.DeleteAsync(_old.Name, force: false, Token),
            () => store.TagAsync(_old.Name, "other/name", Token),
            () => store.CollectAsync(all: false, Token),
        })
            Assert.Equal(StoreException.Unavailable, (await Assert.ThrowsAsync<StoreException>(change)).Code);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Pulls_OfManyAtOnce_MakeOneModel(bool locksLie)
    {
        for (var round = 0; round < 10; round++)
        {
            var files = new CrashFiles { LocksLie = locksLie };
            files.CreateFolder(Root);

            // Each has its own store object: nothing but the files is shared, as between processes.
            await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => PullNewAsync(ContentStore.Open(Root, files, TimeProvider.System)))));

            var store = ContentStore.Open(Root, files, TimeProvider.System);
            await PullNewAsync(store);
            Assert.Equal(_new.Manifest.Digest, Assert.Single(store.List()).Id);
            Assert.Empty((await store.CheckAsync(repair: false, null, Token)).Faults);
        }
    }

    // Once the wrong file was opened, its name is that of the right one.
    private void ReplaceWhileHashed(CrashFiles files, ContentStore store, bool isCut)
    {
        var blob = _old.Manifest.Layers[0].Digest;
        var path = $"{Root}/blobs/sha256/{blob.Hex}";
        if (isCut) files.TryOpen(path)!.Truncate(10);
        else files.Flip(path, 5, 3);
        files.Opened = opened =>
        {
            if (opened != path) return;
            files.Opened = null;
            store.AddBlob(_old.GetBytes(blob));
        };
    }

    private async Task<CrashFiles> PrepareAsync(int crashAt = int.MaxValue)
    {
        var files = new CrashFiles();
        files.CreateFolder(Root);
        files.SyncFolder("/");
        await PullAsync(ContentStore.Open(Root, files, TimeProvider.System), _old);
        return files.Recover(0, crashAt);
    }

    private async Task<int> CountStepsAsync(Func<ContentStore, Task> act)
    {
        var files = await PrepareAsync();
        await act(ContentStore.Open(Root, files, TimeProvider.System));
        return files.StepCount;
    }

    private async Task<ContentStore> CrashAsync(Func<ContentStore, Task> act, int step, int seed)
    {
        var files = await PrepareAsync(step);
        try
        {
            await act(ContentStore.Open(Root, files, TimeProvider.System));
        }
        catch (SimulatedCrashException)
        {
            // What is tested.
        }

        var after = files.Recover(seed);
        var store = ContentStore.Open(Root, after, TimeProvider.System);
        var report = await store.CheckAsync(repair: false, null, Token);
        Assert.True(report.Faults.Count == 0, $"step {step}, seed {seed}: {string.Join(", ", report.Faults)}");

        await PullNewAsync(store);
        await PullAsync(store, _old);
        Assert.Equal(2, store.List().Count);
        Assert.Empty((await store.CheckAsync(repair: false, null, Token)).Faults);
        AssertBundle(after, store);
        return store;
    }

    private void AssertBundle(CrashFiles files, ContentStore store)
    {
        var folder = store.GetBundleFolder(store.Find(_old.Name)!);
        using var file = files.OpenRead($"{folder}/model.gguf");
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        Assert.Equal(_old.GetBytes(_old.Manifest.Layers[0].Digest), bytes);
    }

    private Task<bool> PullNewAsync(ContentStore store) => PullAsync(store, _new);

    private static Task<bool> PullAsync(ContentStore store, WorkModel model) =>
        new ArtifactPuller(store, Options, TimeProvider.System).PullAsync(model.Manifest, model.Name, model.GetSource, null, Token);

    private static List<string> Files(CrashFiles files) => [.. files.ListFiles($"{Root}/blobs/sha256").Order()];
}
