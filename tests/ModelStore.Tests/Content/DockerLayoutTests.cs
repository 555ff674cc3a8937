using System.Text;
using System.Text.Json;
using ModelRunner.Abstractions.Engines;
using ModelRunner.Abstractions.Errors;
using ModelRunner.ModelStore.Content;
using ModelRunner.ModelStore.Packaging;
using ModelRunner.ModelStore.Transfer;
using ModelRunner.Testing;

namespace ModelRunner.ModelStore.Tests.Content;

/// <summary>A store as Docker Model Runner writes it, made by hand, and ours beside it.</summary>
public sealed class DockerLayoutTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("modelrunner-layout").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("ai/smollm2")]
    [InlineData("smollm2:latest")]
    [InlineData("docker.io/ai/SmolLM2")]
    [InlineData("index.docker.io/ai/smollm2:latest")]
    public void Store_OfDocker_IsReadUnderEachSpelling(string name)
    {
        var id = WriteDockerStore();
        using var store = ContentStore.Open(_root, TimeProvider.System);

        var bundle = new StoreModelCatalog(store).Find(new ModelReference(name))!;

        Assert.Equal(id, store.Find(name)!.Id.ToString());
        Assert.Equal(id, store.Find(id)!.Id.ToString());
        Assert.Equal(id, store.Find(id["sha256:".Length..][..12])!.Id.ToString());
        Assert.Equal(("docker.io/ai/smollm2:latest", ModelFormat.Gguf), (bundle.Name, bundle.Formats));
        Assert.Equal("the weights", File.ReadAllText(bundle.GgufPath!));
        Assert.Equal("{{ messages }}", bundle.ChatTemplateOverride);
        Assert.Equal(1_700_000_000, bundle.CreatedAt.ToUnixTimeSeconds());
        Assert.EndsWith(Path.Combine("bundles", "sha256", id["sha256:".Length..], "model", "model.gguf"), bundle.GgufPath, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Store_OfOurs_HasDockersFilesAndFields()
    {
        using var transfers = new ModelTransfers(ContentStore.Open(_root, TimeProvider.System), new TransferOptions(), TimeProvider.System);
        var model = await transfers.AddAsync(FixtureModels.Tiny, "ai/tiny", Token);
        transfers.Store.GetBundleFolder(model);

        Assert.Equal("""{"version":"1.0.0"}""", Compact("layout.json"));
        var entry = JsonDocument.Parse(File.ReadAllText(Path.Combine(_root, "models.json"))).RootElement.GetProperty("models")[0];
        Assert.Equal(["id", "tags", "files"], entry.EnumerateObject().Select(property => property.Name));
        Assert.Equal("ai/tiny", entry.GetProperty("tags")[0].GetString());
        Assert.Equal(model.Manifest.Layers.Append(model.Manifest.Config).Select(blob => blob.Digest.ToString()), entry.GetProperty("files").EnumerateArray().Select(file => file.GetString()));
        Assert.Equal(2, Directory.GetFiles(Path.Combine(_root, "blobs", "sha256")).Length);
        Assert.True(File.Exists(Path.Combine(_root, "manifests", "sha256", model.Id.Hex)));
        var manifest = JsonDocument.Parse(model.Manifest.Bytes).RootElement;
        Assert.Equal(2, manifest.GetProperty("schemaVersion").GetInt32());
        Assert.Equal("application/vnd.docker.ai.gguf.v3", manifest.GetProperty("layers")[0].GetProperty("mediaType").GetString());
        Assert.Contains("\"quantization\"", File.ReadAllText(Path.Combine(_root, "bundles", "sha256", model.Id.Hex, "config.json")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_InTheUsersSpelling_AreListedSoAndStoredForDocker()
    {
        WriteDockerStore();
        using var store = ContentStore.Open(_root, TimeProvider.System);
        await store.TagAsync("smollm2", "hf.co/Owner/Repo:Q4_K_M", Token);

        Assert.Equal(["docker.io/ai/smollm2:latest", "hf.co/Owner/Repo:Q4_K_M"], store.List()[0].Tags);
        Assert.Contains("\"hf.co/owner/repo:Q4_K_M\"", File.ReadAllText(Path.Combine(_root, "models.json")), StringComparison.Ordinal);
        Assert.NotNull(store.Find("huggingface.co/owner/REPO:Q4_K_M"));
        Assert.Null(store.Find("hf.co/Owner/Repo:q4_k_m"));
    }

    [Fact]
    public async Task Delete_ByNameAndByDigest_GoesByDockersRules()
    {
        var id = WriteDockerStore();
        using var store = ContentStore.Open(_root, TimeProvider.System);
        await store.TagAsync("smollm2", "other", Token);

        Assert.Equal(StoreException.Conflict, (await Assert.ThrowsAsync<StoreException>(() => store.DeleteAsync(id, force: false, Token))).Code);
        var untagged = await store.DeleteAsync("other", force: false, Token);
        Assert.Equal(["ai/other"], untagged.Untagged);
        Assert.Null(untagged.Deleted);
        Assert.Equal(id, (await store.DeleteAsync("smollm2", force: false, Token)).Deleted);
        Assert.Empty(Directory.GetFiles(Path.Combine(_root, "blobs", "sha256")));
        Assert.Empty(Directory.GetFiles(Path.Combine(_root, "manifests", "sha256")));
        await Assert.ThrowsAsync<ModelNotFoundException>(() => store.DeleteAsync("smollm2", force: false, Token));
    }

    [Fact]
    public void Index_ThatIsNoJson_IsMadeOfTheManifests()
    {
        var id = WriteDockerStore();
        File.WriteAllText(Path.Combine(_root, "models.json"), "{\"models\": [");

        using var store = ContentStore.Open(_root, TimeProvider.System);

        Assert.Equal(id, Assert.Single(store.List()).Id.ToString());
        Assert.Single(Directory.GetFiles(_root, "models.json.broken-*"));
    }

    [Theory]
    [InlineData("sha256:../../../etc/passwd")]
    [InlineData("sha256:ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789")]
    [InlineData("sha256:abc")]
    [InlineData("sha512:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")]
    [InlineData("")]
    [InlineData(null)]
    public void Digest_OfAnythingElse_IsNone(string? text) => Assert.False(Digest.TryParse(text, out _));

    [Theory]
    [InlineData("../x")]
    [InlineData("/x")]
    [InlineData("a/../x")]
    [InlineData("a\\x")]
    [InlineData("c:x")]
    [InlineData("a/./x")]
    [InlineData("a//x")]
    [InlineData("a/nul.txt")]
    [InlineData("x.")]
    [InlineData("a\0b")]
    public async Task Layer_WithAPathThatLeadsOut_IsRefused(string path)
    {
        using var store = ContentStore.Open(_root, TimeProvider.System);
        var builder = new ArtifactBuilder(store, TimeProvider.System);
        builder.Add(store.AddBlob([1, 2, 3]), 3, "application/vnd.docker.ai.model.file", path);
        var manifest = builder.Build(new(), isByPath: true);
        await store.CommitAsync(manifest, "a/b", Token);

        Assert.Throws<StoreException>(() => store.GetBundleFolder(store.Find("a/b")!));
        Assert.Empty(new StoreModelCatalog(store).List());
    }

    // A bundle was built again and again until its files had the sizes of the manifest, which they never got.
    [Fact]
    public async Task Model_WithABlobOfAnotherSize_IsToldAndTheOthersAreListed()
    {
        var id = WriteDockerStore();
        using var transfers = new ModelTransfers(ContentStore.Open(_root, TimeProvider.System), new TransferOptions(), TimeProvider.System);
        await transfers.AddAsync(FixtureModels.Tiny, "ai/tiny", Token);
        var catalog = new StoreModelCatalog(transfers.Store);
        var weights = transfers.Store.Find(id)!.Manifest.Layers[0].Digest;
        using (var blob = File.OpenWrite(Path.Combine(_root, "blobs", "sha256", weights.Hex))) blob.SetLength(5);

        var listed = await Task.Run(catalog.List, Token).WaitAsync(TimeSpan.FromSeconds(20), Token);
        Assert.Equal("ai/tiny", Assert.Single(listed).Name);
        var error = Assert.Throws<StoreException>(() => catalog.Find(new ModelReference("smollm2")));
        Assert.Equal(StoreException.Broken, error.Code);
        Assert.Contains(weights.ToString(), error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetDirectories(Path.Combine(_root, "bundles", "sha256"), "*.tmp"));
    }

    [Fact]
    public async Task Store_WhoseFolderCannotBeMade_IsEmptyAndRefusesChanges()
    {
        var file = Path.Combine(_root, "file");
        await File.WriteAllTextAsync(file, "", Token);
        using var transfers = new ModelTransfers(ContentStore.Open(Path.Combine(file, "store"), TimeProvider.System), new TransferOptions(), TimeProvider.System);
        var store = transfers.Store;

        Assert.Empty(store.List());
        Assert.Null(store.Find("ai/tiny"));
        foreach (var change in new Func<Task>[]
        {
            () => transfers.AddAsync(FixtureModels.Tiny, "ai/tiny", Token),
            () => transfers.PullAsync("ai/tiny", null, null, Token),
            () => store.DeleteAsync("ai/tiny", force: false, Token),
            () => store.PurgeAsync(Token),
            () => store.CheckAsync(repair: false, null, Token),
        })
        {
            var error = await Assert.ThrowsAsync<StoreException>(change);
            Assert.Equal(StoreException.Unavailable, error.Code);
            Assert.Contains(store.Root, error.Message, StringComparison.Ordinal);
        }
    }

    // A path beside a layer without one, which then took the same name: no such model could be used.
    [Fact]
    public async Task Layers_OfOneTypeWithAndWithoutAPath_AreUsedByTheirPaths()
    {
        using var store = ContentStore.Open(_root, TimeProvider.System);
        var builder = new ArtifactBuilder(store, TimeProvider.System);
        builder.Add(store.AddBlob([1]), 1, "application/vnd.docker.ai.gguf.v3", "model.gguf");
        builder.Add(store.AddBlob([2]), 1, "application/vnd.cncf.model.weight.v1.gguf", null);
        builder.Add(store.AddBlob([3]), 1, "application/vnd.docker.ai.chat.template.jinja", null);
        await store.CommitAsync(builder.Build(new(), isByPath: true), "a/b", Token);

        var folder = store.GetBundleFolder(store.Find("a/b")!);

        Assert.Equal(["model.gguf", "template.jinja"], Directory.GetFiles(folder).Select(Path.GetFileName).Order());
        Assert.Equal([1], await File.ReadAllBytesAsync(Path.Combine(folder, "model.gguf"), Token));
    }

    // Another's half bundle has not even its first file at times.
    [Fact]
    public async Task Collect_OfAll_LeavesWhatAnotherIsBuilding()
    {
        using var store = ContentStore.Open(_root, TimeProvider.System);
        var bundle = Directory.CreateDirectory(Path.Combine(_root, "bundles", "sha256", $"{new string('a', 64)}.1.tmp")).FullName;
        var settings = Path.Combine(_root, "model-settings.json.tmp-1");
        await File.WriteAllTextAsync(settings, "{}", Token);

        await store.CollectAsync(all: true, Token);
        Assert.Equal((true, true), (Directory.Exists(bundle), File.Exists(settings)));

        var old = TimeProvider.System.GetUtcNow().UtcDateTime.AddHours(-2);
        Directory.SetLastWriteTimeUtc(bundle, old);
        File.SetLastWriteTimeUtc(settings, old);
        await store.CollectAsync(all: false, Token);
        Assert.Equal((false, false), (Directory.Exists(bundle), File.Exists(settings)));
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private string WriteDockerStore()
    {
        var weights = WriteBlob("the weights");
        var template = WriteBlob("{{ messages }}");
        var config = WriteBlob("""{"config":{"format":"gguf","quantization":"Q4_K_M","parameters":"361.82 M","architecture":"llama","size":"256.35 MiB"},"descriptor":{"created":"2023-11-14T22:13:20Z"},"rootfs":{"type":"rootfs","diff_ids":[]}}""");
        var manifest = $$"""
            {"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.docker.ai.model.config.v0.1+json","size":{{config.Size}},"digest":"{{config.Digest}}"},"layers":[{"mediaType":"application/vnd.docker.ai.gguf.v3","size":{{weights.Size}},"digest":"{{weights.Digest}}"},{"mediaType":"application/vnd.docker.ai.chat.template.jinja","size":{{template.Size}},"digest":"{{template.Digest}}"}]}
            """;
        var id = Digest.Of(Encoding.UTF8.GetBytes(manifest));
        Directory.CreateDirectory(Path.Combine(_root, "manifests", "sha256"));
        File.WriteAllText(Path.Combine(_root, "manifests", "sha256", id.Hex), manifest);
        File.WriteAllText(Path.Combine(_root, "layout.json"), "{\n  \"version\": \"1.0.0\"\n}");
        File.WriteAllText(Path.Combine(_root, "models.json"), $$"""
            {
              "models": [
                {
                  "id": "{{id}}",
                  "tags": ["docker.io/ai/smollm2:latest"],
                  "files": ["{{weights.Digest}}", "{{template.Digest}}", "{{config.Digest}}"]
                }
              ]
            }
            """);
        return id.ToString();
    }

    private (Digest Digest, int Size) WriteBlob(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var digest = Digest.Of(bytes);
        Directory.CreateDirectory(Path.Combine(_root, "blobs", "sha256"));
        File.WriteAllBytes(Path.Combine(_root, "blobs", "sha256", digest.Hex), bytes);
        return (digest, bytes.Length);
    }

    private string Compact(string file) =>
        File.ReadAllText(Path.Combine(_root, file)).Replace("\n", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal);
}
