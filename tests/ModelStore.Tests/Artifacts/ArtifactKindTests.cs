using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using ModelRunner.Abstractions.Engines;
using ModelRunner.ModelStore.Artifacts;
using ModelRunner.ModelStore.Content;
using ModelRunner.ModelStore.Tests.Servers;
using ModelRunner.ModelStore.Transfer;

namespace ModelRunner.ModelStore.Tests.Artifacts;

/// <summary>Artifacts that others make, put into a registry byte by byte: ModelPack's, safetensors, and indexes.</summary>
public sealed class ArtifactKindTests : IDisposable
{
    private const string Cncf = "application/vnd.cncf.model.";
    private const string Docker = "application/vnd.docker.ai.";
    private readonly string _folder = Directory.CreateTempSubdirectory("modelrunner-kinds").FullName;
    private readonly HttpClient _client = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false, "weight.v1.raw", "sub/weights.gguf", "sub/weights.gguf")]
    [InlineData(true, "weight.v1.raw", "sub/weights.gguf", "sub/weights.gguf")]
    [InlineData(false, "weight.v1.gguf", "weights.gguf", "weights.gguf")]
    [InlineData(true, "weight.v1.gguf", null, "model.gguf")]
    public async Task ModelPack_WithGguf_IsPulledAndServed(bool isDebian, string type, string? path, string expected)
    {
        await using var registry = await StartAsync(isDebian);
        await PutAsync(registry, "v1", $"{Cncf}config.v1+json", PackConfig("GGUF"), (Cncf + type, "the weights", path), ($"{Cncf}doc.v1.raw", "text", "README.md"));
        using var transfers = Open();

        var (model, _) = await transfers.PullAsync($"{registry.Host}/team/model:v1", null, null, Token);

        Assert.Equal(("gguf", "llama", "8B", "Q4_K_M"), (model.Config.Format, model.Config.Architecture, model.Config.Parameters, model.Config.Quantization));
        Assert.Equal(1_700_000_000, model.CreatedAt.ToUnixTimeSeconds());
        var bundle = new StoreModelCatalog(transfers.Store).Find(new ModelReference($"{registry.Host}/team/model:v1"))!;
        Assert.Equal(ModelFormat.Gguf, bundle.Formats);
        Assert.Null(bundle.OtherFormat);
        Assert.EndsWith($"/model/{expected}", bundle.GgufPath!.Replace('\\', '/'), StringComparison.Ordinal);
        Assert.Equal("the weights", await File.ReadAllTextAsync(bundle.GgufPath, Token));
    }

    [Theory]
    [InlineData(false, $"{Docker}model.config.v0.1+json", $"{Docker}safetensors", null)]
    [InlineData(true, $"{Docker}model.config.v0.1+json", $"{Docker}safetensors", null)]
    [InlineData(false, $"{Docker}model.config.v0.2+json", $"{Docker}safetensors", "a/model.safetensors")]
    [InlineData(false, $"{Cncf}config.v1+json", $"{Cncf}weight.v1.safetensors", "model.safetensors")]
    [InlineData(false, $"{Cncf}config.v1+json", $"{Cncf}weight.v1.safetensors", null)]
    public async Task Safetensors_ArePulledAndListed(bool isDebian, string config, string layer, string? path)
    {
        await using var registry = await StartAsync(isDebian);
        var json = config.StartsWith(Cncf, StringComparison.Ordinal) ? PackConfig("safetensors") : """{"config":{"format":"safetensors","size":"1 B"},"rootfs":{"type":"rootfs","diff_ids":[]}}""";
        await PutAsync(registry, "v1", config, json, (layer, "tensors", path));
        using var transfers = Open();

        await transfers.PullAsync($"{registry.Host}/team/model:v1", null, null, Token);

        var bundle = Assert.Single(new StoreModelCatalog(transfers.Store).List());
        Assert.Equal((ModelFormat.None, "safetensors"), (bundle.Formats, bundle.OtherFormat));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Index_OfSeveralPlatforms_GivesTheModel(bool isDebian)
    {
        await using var registry = await StartAsync(isDebian);
        var attestation = await PutAsync(registry, "a", $"{Docker}model.config.v0.1+json", "{}", ($"{Docker}gguf.v3", "attestation", null));
        var other = await PutAsync(registry, "b", $"{Docker}model.config.v0.1+json", "{}", ($"{Docker}gguf.v3", "other", null));
        var here = await PutAsync(registry, "c", $"{Docker}model.config.v0.1+json", "{}", ($"{Docker}gguf.v3", "here", null));
        await PutIndexAsync(registry, "v1", Entry(attestation, "unknown", "unknown"), Entry(other, "s390x", "linux"), Entry(here, Platform.Here.Architecture!, "linux"));
        using var transfers = Open();

        var (model, _) = await transfers.PullAsync($"{registry.Host}/team/model:v1", null, null, Token);

        Assert.Equal(here.Digest, model.Id);
    }

    [Fact]
    public void Index_WithoutThisPlatform_GivesTheFirstThatMayBeAModel()
    {
        var none = new Descriptor { Digest = "none" };
        var other = new Descriptor { Digest = "other", Platform = new Platform("s390x", "linux"), MediaType = MediaTypes.OciManifest };
        var attestation = new Descriptor { Digest = "attestation", Platform = new Platform("unknown", "unknown") };
        var nested = new Descriptor { Digest = "nested", MediaType = MediaTypes.OciIndex };

        Assert.Equal(none, new IndexDocument { Manifests = [attestation, other, nested, none] }.Choose());
        Assert.Equal(other, new IndexDocument { Manifests = [nested, attestation, other] }.Choose());
        Assert.Null(new IndexDocument { Manifests = [attestation, nested] }.Choose());
        Assert.Null(new IndexDocument().Choose());
    }

    // A registry may send any JSON: each of these was a null that nobody looked for.
    [Theory]
    [InlineData("""{"manifests":[null]}""")]
    [InlineData("""{"manifests":[{"mediaType":null,"digest":null}]}""")]
    [InlineData("""{"manifests":null}""")]
    [InlineData("null")]
    public async Task Index_OfNulls_IsRefused(string json)
    {
        await using var registry = await StartAsync(isDebian: false);
        await PutManifestAsync(registry, "v1", MediaTypes.OciIndex, json);
        using var transfers = Open();

        var error = await Assert.ThrowsAsync<StoreException>(() => transfers.PullAsync($"{registry.Host}/team/model:v1", null, null, Token));

        Assert.Equal(StoreException.Unsupported, error.Code);
    }

    [Theory]
    [InlineData("""{"config":null,"layers":[null]}""")]
    [InlineData("""{"config":{"mediaType":null},"layers":[null]}""")]
    [InlineData("""{"config":{"mediaType":"application/vnd.docker.ai.model.config.v0.1+json","digest":null},"layers":[null]}""")]
    [InlineData("""{"config":{"mediaType":"application/vnd.docker.ai.model.config.v0.1+json","digest":"sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"},"layers":[null]}""")]
    public void Manifest_OfNulls_IsNone(string json) =>
        Assert.Equal(StoreException.Unsupported, Assert.Throws<StoreException>(() => Manifest.Parse(Encoding.UTF8.GetBytes(json))).Code);

    [Fact]
    public async Task Index_WithoutAModel_IsRefused()
    {
        await using var registry = await StartAsync(isDebian: false);
        await PutIndexAsync(registry, "v1");
        using var transfers = Open();

        var error = await Assert.ThrowsAsync<StoreException>(() => transfers.PullAsync($"{registry.Host}/team/model:v1", null, null, Token));

        Assert.Equal(StoreException.Unsupported, error.Code);
    }

    [Fact]
    public async Task Image_OfAContainer_IsRefused()
    {
        await using var registry = await StartAsync(isDebian: false);
        await PutAsync(registry, "v1", "application/vnd.oci.image.config.v1+json", "{}", ("application/vnd.oci.image.layer.v1.tar+gzip", "layer", null));
        using var transfers = Open();

        var error = await Assert.ThrowsAsync<StoreException>(() => transfers.PullAsync($"{registry.Host}/team/model:v1", null, null, Token));

        Assert.Equal(StoreException.Unsupported, error.Code);
        Assert.Contains("vnd.oci.image.config", error.Message, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _client.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static async Task<ITestRegistry> StartAsync(bool isDebian) => isDebian ? await DebianRegistry.StartAsync() : await FakeRegistry.StartAsync();

    private static string PackConfig(string format) => $$"""
        {"descriptor":{"createdAt":"2023-11-14T22:13:20Z","name":"x"},"config":{"architecture":"llama","format":"{{format}}","paramSize":"8B","quantization":"Q4_K_M"},"modelfs":{"type":"layers","diffIds":[]} }
        """;

    private static JsonObject Entry((Digest Digest, int Size) manifest, string architecture, string system) => new()
    {
        ["mediaType"] = MediaTypes.OciManifest,
        ["digest"] = manifest.Digest.ToString(),
        ["size"] = manifest.Size,
        ["platform"] = new JsonObject { ["architecture"] = architecture, ["os"] = system },
    };

    private async Task<(Digest Digest, int Size)> PutAsync(
        ITestRegistry registry, string tag, string configType, string config, params (string Type, string Text, string? Path)[] layers)
    {
        var list = new JsonArray();
        foreach (var (type, text, path) in layers)
        {
            var layer = await UploadAsync(registry, type, text);
            if (path is not null) layer["annotations"] = new JsonObject { ["org.cncf.model.filepath"] = path };
            list.Add((JsonNode)layer);
        }

        var manifest = new JsonObject
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = MediaTypes.OciManifest,
            ["config"] = await UploadAsync(registry, configType, config),
            ["layers"] = list,
        };
        return await PutManifestAsync(registry, tag, MediaTypes.OciManifest, manifest.ToJsonString());
    }

    private Task<(Digest Digest, int Size)> PutIndexAsync(ITestRegistry registry, string tag, params JsonObject[] manifests) => PutManifestAsync(
        registry,
        tag,
        MediaTypes.OciIndex,
        new JsonObject { ["schemaVersion"] = 2, ["mediaType"] = MediaTypes.OciIndex, ["manifests"] = new JsonArray([.. manifests]) }.ToJsonString());

    private async Task<(Digest Digest, int Size)> PutManifestAsync(ITestRegistry registry, string tag, string type, string manifest)
    {
        var bytes = Encoding.UTF8.GetBytes(manifest);
        using var content = new ByteArrayContent(bytes) { Headers = { ContentType = new MediaTypeHeaderValue(type) } };
        using var answer = await _client.PutAsync(new Uri($"http://{registry.Host}/v2/team/model/manifests/{tag}"), content, Token);
        Assert.True(answer.StatusCode == HttpStatusCode.Created, await answer.Content.ReadAsStringAsync(Token));
        return (Digest.Of(bytes), bytes.Length);
    }

    private async Task<JsonObject> UploadAsync(ITestRegistry registry, string type, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var digest = Digest.Of(bytes);
        var uploads = new Uri($"http://{registry.Host}/v2/team/model/blobs/uploads/");
        using var begun = await _client.PostAsync(uploads, null, Token);
        var location = new UriBuilder(new Uri(uploads, begun.Headers.Location!));
        location.Query += $"&digest={digest}";
        using var content = new ByteArrayContent(bytes);
        using var answer = await _client.PutAsync(location.Uri, content, Token);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        return new JsonObject { ["mediaType"] = type, ["digest"] = digest.ToString(), ["size"] = bytes.Length };
    }

    private ModelTransfers Open() => new(
        ContentStore.Open(Path.Combine(_folder, "target"), TimeProvider.System),
        new TransferOptions { MaxRetries = 1, RetryPause = TimeSpan.FromMilliseconds(1) },
        TimeProvider.System);
}
