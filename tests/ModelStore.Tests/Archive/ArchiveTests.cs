using System.Formats.Tar;
using ModelRunner.Abstractions.Errors;
using ModelRunner.ModelStore.Content;
using ModelRunner.ModelStore.Transfer;
using ModelRunner.Testing;

namespace ModelRunner.ModelStore.Tests.Archive;

public sealed class ArchiveTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("modelrunner-archive").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Export_ThenImport_GivesTheSameModel()
    {
        using var source = Open("source");
        var model = await source.AddAsync(FixtureModels.Tiny, "ai/tiny", Token, contextSize: 512);
        using var tar = new MemoryStream();
        await source.ExportAsync(model, tar, Token);
        using var target = Open("target");
        tar.Position = 0;

        var read = await target.ImportAsync(tar, "other/name", null, Token);

        Assert.Equal(model.Id, read.Id);
        Assert.Equal(["other/name"], read.Tags);
        Assert.Equal((512, "llama", "gguf"), (read.Config.ContextSize, read.Config.Architecture, read.Config.Format));
        Assert.Empty((await target.Store.CheckAsync(repair: false, null, Token)).Faults);
        Assert.Equal(await File.ReadAllBytesAsync(FixtureModels.Tiny, Token), await File.ReadAllBytesAsync(Path.Combine(target.Store.GetBundleFolder(read), "model.gguf"), Token));
    }

    [Fact]
    public async Task Import_OfAnArchiveCutAnywhere_IsRefusedAndLeavesNoModel()
    {
        using var source = Open("source");
        using var tar = new MemoryStream();
        await source.ExportAsync(await source.AddAsync(FixtureModels.Tiny, "ai/tiny", Token), tar, Token);
        using var target = Open("target");
        var manifestAt = tar.Length - 2048;
        for (long cut = 0; cut < manifestAt; cut += 3_001)
        {
            using var part = new MemoryStream(tar.ToArray(), 0, (int)cut);
            await Assert.ThrowsAnyAsync<ModelRunnerException>(() => target.ImportAsync(part, null, null, Token));
        }

        Assert.Empty(target.Store.List());
        Assert.Empty((await target.Store.CheckAsync(repair: false, null, Token)).Faults);
    }

    [Theory]
    [InlineData("../../escape")]
    [InlineData("/etc/escape")]
    [InlineData("blobs/sha256/../../escape")]
    [InlineData("blobs/sha256/0000000000000000000000000000000000000000000000000000000000000000")]
    public async Task Import_OfHostileEntries_WritesNothingOutside(string name)
    {
        using var tar = new MemoryStream();
        await using (var writer = new TarWriter(tar, leaveOpen: true))
        {
            await writer.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream([1, 2, 3]) }, Token);
            await writer.WriteEntryAsync(new PaxTarEntry(TarEntryType.SymbolicLink, "blobs/sha256/link") { LinkName = "/etc/passwd" }, Token);
        }

        tar.Position = 0;
        using var target = Open("target");

        await Assert.ThrowsAnyAsync<ModelRunnerException>(() => target.ImportAsync(tar, null, null, Token));

        Assert.Empty(Directory.GetFiles(_folder, "*escape*", SearchOption.AllDirectories));
        Assert.Empty(Directory.GetFiles(Path.Combine(_folder, "target", "blobs", "sha256")));
    }

    // What the archive had brought went before its manifest came: the archive was called none of a model.
    [Fact]
    public async Task Import_WhoseBlobIsCollectedMeanwhile_SaysThatItHasToBeSentAgain()
    {
        using var source = Open("source");
        using var tar = new MemoryStream();
        await source.ExportAsync(await source.AddAsync(FixtureModels.Tiny, "ai/tiny", Token), tar, Token);
        using var target = Open("target");
        tar.Position = 0;
        var collected = new InlineProgress(progress =>
        {
            if (progress.Current < progress.LayerSize || progress.LayerSize > 10_000) return;
            target.Store.CollectAsync(all: true, Token).GetAwaiter().GetResult();
        });

        var error = await Assert.ThrowsAsync<StoreException>(() => target.ImportAsync(tar, "ai/tiny", collected, Token));

        Assert.Equal(StoreException.Conflict, error.Code);
        Assert.Contains("Send it again", error.Message, StringComparison.Ordinal);
        tar.Position = 0;
        Assert.NotNull(await target.ImportAsync(tar, "ai/tiny", null, Token));
    }

    [Fact]
    public async Task Package_OfAGenAiFolder_KeepsItsFiles()
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder, "genai", "sub")).Parent!.FullName;
        File.WriteAllText(Path.Combine(folder, "genai_config.json"), "{}");
        File.WriteAllText(Path.Combine(folder, "sub", "model.onnx.data"), "weights");
        File.WriteAllText(Path.Combine(folder, "chat_template.jinja"), "{{ messages }}");
        File.WriteAllText(Path.Combine(folder, "response_template.json"), """{"fields":{}}""");
        using var transfers = Open("source");

        var model = await transfers.AddAsync(folder, "me/graph", Token);

        Assert.Equal("application/vnd.docker.ai.model.config.v0.2+json", model.Manifest.Config.MediaType);
        Assert.All(model.Manifest.Layers, layer => Assert.Equal("application/vnd.docker.ai.model.file", layer.MediaType));
        var bundle = Assert.Single(new StoreModelCatalog(transfers.Store).List());
        Assert.Equal("weights", await File.ReadAllTextAsync(Path.Combine(bundle.OnnxFolder!, "sub", "model.onnx.data"), Token));
        Assert.Equal(("{{ messages }}", """{"fields":{}}"""), (bundle.ChatTemplateOverride, bundle.ResponseTemplateOverride));
    }

    [Fact]
    public async Task Templates_OfAStoredModelThatAreTooLarge_AreNotRead()
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder, "genai")).FullName;
        File.WriteAllText(Path.Combine(folder, "genai_config.json"), "{}");
        File.WriteAllText(Path.Combine(folder, "chat_template.jinja"), new string(' ', (1 << 20) + 1));
        File.WriteAllText(Path.Combine(folder, "response_template.json"), new string(' ', (1 << 20) + 1));
        using var transfers = Open("source");
        await transfers.AddAsync(folder, "me/graph", Token);

        var bundle = Assert.Single(new StoreModelCatalog(transfers.Store).List());

        Assert.Equal((null, null), (bundle.ChatTemplateOverride, bundle.ResponseTemplateOverride));
    }

    [Fact]
    public async Task Repackage_WithAnotherContext_SharesTheWeights()
    {
        using var transfers = Open("source");
        var model = await transfers.AddAsync(FixtureModels.Tiny, "ai/tiny", Token);

        var other = await transfers.RepackageAsync("ai/tiny", "ai/tiny:long", 4096, Token);

        Assert.NotEqual(model.Id, other.Id);
        Assert.Equal(4096, other.Config.ContextSize);
        Assert.Equal(model.Manifest.Layers[0].Digest, other.Manifest.Layers[0].Digest);
        await transfers.Store.DeleteAsync("ai/tiny", force: false, Token);
        Assert.Empty((await transfers.Store.CheckAsync(repair: false, null, Token)).Faults);
        Assert.Single(new StoreModelCatalog(transfers.Store).List());
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private ModelTransfers Open(string name) =>
        new(ContentStore.Open(Path.Combine(_folder, name), TimeProvider.System), new TransferOptions(), TimeProvider.System);

    private sealed class InlineProgress(Action<TransferProgress> act) : IProgress<TransferProgress>
    {
        public void Report(TransferProgress value) => act(value);
    }
}
