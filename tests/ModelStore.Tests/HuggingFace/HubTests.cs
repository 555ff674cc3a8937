using ModelRunner.Abstractions.Engines;
using ModelRunner.Abstractions.Errors;
using ModelRunner.ModelStore.Content;
using ModelRunner.ModelStore.Tests.Servers;
using ModelRunner.ModelStore.Transfer;
using ModelRunner.Testing;

namespace ModelRunner.ModelStore.Tests.HuggingFace;

public sealed class HubTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("modelrunner-hub").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("hf.co/Owner/Repo", "model-Q4_K_M.gguf")]
    [InlineData("hf.co/Owner/Repo:latest", "model-Q4_K_M.gguf")]
    [InlineData("huggingface.co/Owner/Repo:q8_0", "model-Q8_0.gguf")]
    [InlineData("hf.co/Owner/Repo:Q4_K_M@main", "model-Q4_K_M.gguf")]
    [InlineData("hf.co/Owner/Repo:Q8_0@" + FakeHub.Commit, "model-Q8_0.gguf")]
    public async Task Pull_OfAQuantisation_TakesItsFile(string name, string file)
    {
        await using var hub = await StartAsync();
        using var transfers = Open(hub);

        var (model, _) = await transfers.PullAsync(name, null, null, Token);

        Assert.Equal(Digest.Of(hub.Files[file]), model.Manifest.Layers[0].Digest);
        Assert.Equal(["application/vnd.docker.ai.gguf.v3", "application/vnd.docker.ai.mmproj", "application/vnd.docker.ai.license"], model.Manifest.Layers.Select(layer => layer.MediaType));
        Assert.Equal(Digest.Of(hub.Files["mmproj-F16.gguf"]), model.Manifest.Layers[1].Digest);
        Assert.Equal("llama", model.Config.Architecture);
        var bundle = new StoreModelCatalog(transfers.Store).Find(new ModelReference(name))!;
        Assert.Equal(name.Split('@')[0], bundle.Name);
        Assert.EndsWith("model.gguf", bundle.GgufPath, StringComparison.Ordinal);
        Assert.False((await transfers.PullAsync(name, null, null, Token)).HasDownloaded);
        Assert.DoesNotContain(hub.Requests, path => path.Contains("/resolve/main/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Pull_OfShards_TakesAllOfThem()
    {
        await using var hub = await StartAsync();
        for (var shard = 1; shard <= 3; shard++) hub.Files[$"BF16/model-BF16-{shard:D5}-of-00003.gguf"] = Gguf((byte)shard);
        using var transfers = Open(hub);

        var (model, _) = await transfers.PullAsync("hf.co/Owner/Repo:BF16", null, null, Token);

        Assert.Equal(3, model.Manifest.Layers.Count(layer => layer.MediaType.EndsWith("gguf.v3", StringComparison.Ordinal)));
        var path = new StoreModelCatalog(transfers.Store).List().Single().GgufPath!;
        Assert.EndsWith("model-00001-of-00003.gguf", path, StringComparison.Ordinal);
        Assert.All(GgufShards.GetAll(path), file => Assert.True(File.Exists(file)));
    }

    [Theory]
    [InlineData("hf.co/Owner/Repo:onnx", "cpu/cpu-int4/")]
    [InlineData("hf.co/Owner/Repo:cpu-int4", "cpu/cpu-int4/")]
    [InlineData("hf.co/Owner/Repo:cuda-fp16", "cuda/cuda-fp16/")]
    [InlineData("hf.co/Owner/Repo:cuda.cuda-fp16", "cuda/cuda-fp16/")]
    public async Task Pull_OfAnOnnxFolder_KeepsItsFiles(string name, string folder)
    {
        await using var hub = await StartAsync();
        using var transfers = Open(hub);

        await transfers.PullAsync(name, null, null, Token);

        var bundle = new StoreModelCatalog(transfers.Store).Find(new ModelReference(name))!;
        Assert.Equal((ModelFormat.OnnxGenAi, null), (bundle.Formats, bundle.GgufPath));
        var wanted = hub.Files.Keys.Where(path => path.StartsWith(folder, StringComparison.Ordinal)).Select(path => path[folder.Length..]);
        Assert.Equal(wanted, Directory.GetFiles(bundle.OnnxFolder!, "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(bundle.OnnxFolder!, path)).Order(StringComparer.Ordinal));
        Assert.Equal(hub.Files[folder + "model.onnx"], await File.ReadAllBytesAsync(Path.Combine(bundle.OnnxFolder!, "model.onnx"), Token));
    }

    [Fact]
    public async Task Pull_OfAChoiceThatIsNotThere_NamesThoseThatAre()
    {
        await using var hub = await StartAsync();
        using var transfers = Open(hub);

        var error = await Assert.ThrowsAsync<ModelNotFoundException>(() => transfers.PullAsync("hf.co/Owner/Repo:Q2_K", null, null, Token));

        Assert.Contains("model-Q8_0.gguf", error.Message, StringComparison.Ordinal);
        Assert.Contains("cpu.cpu-int4", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pull_OfAGatedRepository_NeedsTheToken()
    {
        await using var hub = await StartAsync();
        hub.Token = "hf_right";
        using var transfers = Open(hub);

        Assert.Equal(TransferException.Unauthorized, (await Assert.ThrowsAsync<TransferException>(() => transfers.PullAsync("hf.co/Owner/Repo", null, null, Token))).Code);
        await transfers.PullAsync("hf.co/Owner/Repo", "hf_right", null, Token);
    }

    // The size counted before the digest: such a listing took the other model's weights away.
    [Fact]
    public async Task Pull_OfAListingWithAnotherSizeForAStoredBlob_IsRefusedAndTheBlobStays()
    {
        await using var hub = await StartAsync();
        using var transfers = Open(hub);
        var (installed, _) = await transfers.PullAsync("hf.co/Owner/Repo:Q4_K_M", null, null, Token);
        var weights = installed.Manifest.Layers[0].Digest;
        hub.Claims["model-Q8_0.gguf"] = (weights, 5);

        var error = await Assert.ThrowsAsync<StoreException>(() => transfers.PullAsync("hf.co/Owner/Repo:Q8_0", null, null, Token));

        Assert.Equal(StoreException.Unsupported, error.Code);
        Assert.Contains(weights.ToString(), error.Message, StringComparison.Ordinal);
        Assert.Empty((await transfers.Store.CheckAsync(repair: false, null, Token)).Faults);
        Assert.Equal(installed.Id, Assert.Single(transfers.Store.List()).Id);
    }

    // A pull of hours outlives the time for which the collection leaves young files alone.
    [Fact]
    public async Task Pull_WhoseFirstFileIsCollectedMeanwhile_FetchesItAgain()
    {
        await using var hub = await StartAsync();
        using var transfers = Open(hub);
        var hasCollected = false;
        hub.Before = async path =>
        {
            if (hasCollected || !path.EndsWith("mmproj-F16.gguf", StringComparison.Ordinal)) return;
            hasCollected = true;
            await transfers.Store.CollectAsync(TimeSpan.Zero, TimeSpan.FromDays(7), Token);
        };

        var (model, _) = await transfers.PullAsync("hf.co/Owner/Repo", null, null, Token);

        Assert.True(hasCollected);
        Assert.Equal(Digest.Of(hub.Files["model-Q4_K_M.gguf"]), model.Manifest.Layers[0].Digest);
        Assert.Empty((await transfers.Store.CheckAsync(repair: false, null, Token)).Faults);
    }

    [Theory]
    [InlineData("hf.co/Owner")]
    [InlineData("hf.co/../Repo")]
    [InlineData("hf.co/Owner/Repo:a/b")]
    [InlineData("hf.co/Owner/Repo@../x")]
    public async Task Pull_OfANameThatCannotBe_IsRefused(string name)
    {
        await using var hub = await StartAsync();
        using var transfers = Open(hub);

        await Assert.ThrowsAsync<InvalidRequestException>(() => transfers.PullAsync(name, null, null, Token));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static async Task<FakeHub> StartAsync()
    {
        var hub = await FakeHub.StartAsync();
        hub.Files["LICENSE"] = "MIT"u8.ToArray();
        hub.Files["README.md"] = "# readme"u8.ToArray();
        hub.Files["model-Q4_K_M.gguf"] = Gguf(4);
        hub.Files["model-Q8_0.gguf"] = Gguf(8);
        hub.Files["mmproj-F32.gguf"] = Gguf(32);
        hub.Files["mmproj-F16.gguf"] = Gguf(16);
        foreach (var folder in new[] { "cpu/cpu-int4/", "cuda/cuda-fp16/" })
        {
            hub.Files[folder + "genai_config.json"] = System.Text.Encoding.UTF8.GetBytes($$"""{"model":"{{folder}}"}""");
            hub.Files[folder + "model.onnx"] = [.. Enumerable.Range(0, 70_000).Select(index => (byte)(index * folder.Length))];
            hub.Files[folder + "tokenizer/tokenizer.json"] = "{}"u8.ToArray();
        }

        return hub;
    }

    // A whole model and a byte behind it, so that no two are the same.
    private static byte[] Gguf(byte end) => [.. FixtureModels.GetBytes(new()), end];

    private ModelTransfers Open(FakeHub hub) => new(
        ContentStore.Open(Path.Combine(_folder, "store"), TimeProvider.System),
        new TransferOptions { HuggingFace = hub.Address, SegmentSize = 8 << 10, RetryPause = TimeSpan.FromMilliseconds(1) },
        TimeProvider.System);
}
