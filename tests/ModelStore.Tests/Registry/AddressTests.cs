using System.Net;
using ModelRunner.Abstractions.Errors;
using ModelRunner.ModelStore.Content;
using ModelRunner.ModelStore.Http;
using ModelRunner.ModelStore.Registry;
using ModelRunner.ModelStore.Tests.Servers;
using ModelRunner.ModelStore.Transfer;
using ModelRunner.StoreWorker;

namespace ModelRunner.ModelStore.Tests.Registry;

/// <summary>Where transfers go, and where their credentials go, over a registry in memory and over Debian's.</summary>
public sealed class AddressTests : IDisposable
{
    private static readonly TransferOptions Quick = new() { SegmentSize = 16 << 10, RetryPause = TimeSpan.FromMilliseconds(1), MaxRetries = 1 };
    private readonly string _folder = Directory.CreateTempSubdirectory("modelrunner-address").FullName;
    private readonly WorkModel _model = new(1, 100_000);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("10.1.2.3")]
    [InlineData("172.31.0.1")]
    [InlineData("192.168.1.1")]
    [InlineData("169.254.169.254")]
    [InlineData("100.64.0.1")]
    [InlineData("0.0.0.0")]
    [InlineData("::1")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("fd00::1")]
    [InlineData("fe80::1")]
    [InlineData("64:ff9b::7f00:1")]
    [InlineData("2002:7f00:1::")]
    [InlineData("255.255.255.255")]
    public void Address_OfALocalNetwork_IsNotPublic(string address) => Assert.False(AddressRules.IsPublic(IPAddress.Parse(address)));

    [Theory]
    [InlineData("1.1.1.1")]
    [InlineData("172.32.0.1")]
    [InlineData("2606:4700::1")]
    public void Address_OfTheInternet_IsPublic(string address) => Assert.True(AddressRules.IsPublic(IPAddress.Parse(address)));

    [Theory]
    [InlineData("http://127.0.0.2:{port}/cdn{path}", false)]
    [InlineData("http://127.0.0.2:{port}/cdn{path}", true)]
    [InlineData("http://localhost:{port}/cdn{path}", false)]
    [InlineData("http://localhost:{port}/cdn{path}", true)]
    [InlineData("http://[::ffff:127.0.0.1]:{port}/cdn{path}", false)]
    [InlineData("http://[::ffff:127.0.0.1]:{port}/cdn{path}", true)]
    [InlineData("http://2130706433:1/cdn{path}", false)]
    [InlineData("http://2130706433:1/cdn{path}", true)]
    [InlineData("http://0x7f.1:1/cdn{path}", false)]
    [InlineData("http://0x7f.1:1/cdn{path}", true)]
    [InlineData("http://169.254.169.254/latest/meta-data{path}", false)]
    [InlineData("http://169.254.169.254/latest/meta-data{path}", true)]
    [InlineData("file:///etc/passwd", false)]
    [InlineData("file:///etc/passwd", true)]
    public async Task Redirect_ToAPrivateAddress_IsRefused(string target, bool isDebian)
    {
        await using var registry = await StartAsync(isDebian);
        registry.RedirectBlob = path => Fill(target, registry, path);
        using var transfers = Open(Quick);

        var error = await Assert.ThrowsAsync<TransferException>(() => transfers.PullAsync($"{registry.Host}/team/model", null, null, Token));

        Assert.Equal(TransferException.AddressRefused, error.Code);
        Assert.DoesNotContain(registry.Requests, request => request.Path.StartsWith("/cdn/", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Redirect_ThatTheOperatorAllows_IsFollowedWithoutCredentials(bool isDebian)
    {
        await using var registry = await StartAsync(isDebian);
        registry.Login = ("user", "right");
        registry.RedirectBlob = path => Fill("http://localhost:{port}/cdn{path}", registry, path);
        using var transfers = Open(Quick with { AllowPrivateRedirects = true, DockerConfigFolder = Docker(registry.Host) });

        await transfers.PullAsync($"{registry.Host}/team/model", null, null, Token);

        var followed = registry.Requests.Where(request => request.Path.StartsWith("/cdn/", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(followed);
        Assert.All(followed, request => Assert.Empty(request.Authorization));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Token_OfTheRegistrysOwnRealm_IsUsed(bool isDebian)
    {
        await using var registry = await StartAsync(isDebian);
        (registry.Login, registry.GivesTokens) = (("user", "right"), true);
        using var transfers = Open(Quick with { DockerConfigFolder = Docker(registry.Host) });

        var (model, _) = await transfers.PullAsync($"{registry.Host}/team/model", null, null, Token);

        Assert.Equal(_model.Manifest.Digest, model.Id);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Token_OfAForeignRealm_GetsNoCredentials(bool isDebian)
    {
        await using var registry = await StartAsync(isDebian);
        await using var thief = await RegistryFront.StartAsync(isDebian: false);
        (registry.Login, registry.GivesTokens, registry.Realm) = (("user", "right"), true, $"http://localhost:{thief.Host.Split(':')[1]}/token");
        using var transfers = Open(Quick with { DockerConfigFolder = Docker(registry.Host), AllowPrivateRedirects = true });

        var error = await Assert.ThrowsAsync<TransferException>(() => transfers.PullAsync($"{registry.Host}/team/model", null, null, Token));

        Assert.Equal(TransferException.Unauthorized, error.Code);
        Assert.Contains("localhost", error.Message, StringComparison.Ordinal);
        Assert.NotEmpty(thief.Requests);
        Assert.All(thief.Requests, request => Assert.Equal(("", ""), (request.Authorization, request.Form)));
    }

    [Fact]
    public async Task Pull_FromARegistryWithoutRanges_Works()
    {
        await using var registry = await FakeRegistry.StartAsync();
        await PushAsync($"{registry.Host}/team/model");
        registry.HasRanges = false;
        using var transfers = Open(Quick);

        var (model, _) = await transfers.PullAsync($"{registry.Host}/team/model", null, null, Token);

        Assert.Equal(_model.Manifest.Digest, model.Id);
        Assert.Empty((await transfers.Store.CheckAsync(repair: false, null, Token)).Faults);
    }

    [Fact]
    public async Task Pull_OfAHubName_AsksTheMirrorFirst()
    {
        await using var registry = await FakeRegistry.StartAsync();
        await PushAsync($"{registry.Host}/ai/model");

        // Nobody is at the first one.
        using var transfers = Open(Quick with { Mirrors = ["http://127.0.0.1:1", $"http://{registry.Host}"], MaxRetries = 0 });

        var (model, _) = await transfers.PullAsync("model", null, null, Token);

        Assert.Equal(["ai/model"], model.Tags);
    }

    [Theory]
    [InlineData("smollm2", "registry-1.docker.io", "ai/smollm2", "latest", false)]
    [InlineData("docker.io/ai/SmolLM2:360M-Q4_K_M", "registry-1.docker.io", "ai/smollm2", "360M-Q4_K_M", false)]
    [InlineData("index.docker.io/me/x", "registry-1.docker.io", "me/x", "latest", false)]
    [InlineData("localhost:5000/x", "localhost:5000", "x", "latest", true)]
    [InlineData("registry.corp.example/a/b/c:v1", "registry.corp.example", "a/b/c", "v1", false)]
    [InlineData("box.local/a", "box.local", "a", "latest", true)]
    public void Reference_OfEachSpelling_IsRead(string name, string host, string repository, string tag, bool isPlain) =>
        Assert.Equal(new RegistryReference(host, repository, tag, isPlain), RegistryReference.Parse(name, Quick));

    [Theory]
    [InlineData("registry.corp.example", true, "a/b", "registry.corp.example", true)]
    [InlineData("registry.corp.example", false, "a/b", "registry.corp.example", false)]
    [InlineData("registry.corp.example", true, "registry.corp.example/a/b", "registry.corp.example", true)]
    [InlineData("registry.corp.example", true, "other.example/a/b", "other.example", false)]
    [InlineData(null, true, "docker.io/a/b", "registry-1.docker.io", false)]
    public void Reference_WithoutTls_IsTheDefaultRegistryAlone(string? defaultRegistry, bool isInsecure, string name, string host, bool isPlain)
    {
        var reference = RegistryReference.Parse(name, Quick with { DefaultRegistry = defaultRegistry, InsecureRegistry = isInsecure });

        Assert.Equal((host, isPlain), (reference.Host, reference.IsPlainHttp));
    }

    [Theory]
    [InlineData("../../etc/passwd")]
    [InlineData("a//b")]
    [InlineData("a/b:c/d")]
    [InlineData("a b")]
    [InlineData("a/b@sha256:zz")]
    [InlineData("a/b:")]
    [InlineData("user@evil.example/a")]
    [InlineData("evil.example\\@good.example/a")]
    [InlineData("a/b?x=1")]
    [InlineData("a/%2e%2e/b")]
    public void Reference_ThatCannotBe_IsRefused(string name)
    {
        if (name == "a/b:") Assert.Equal("latest", RegistryReference.Parse(name, Quick).Reference);
        else Assert.Throws<InvalidRequestException>(() => RegistryReference.Parse(name, Quick));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static string Fill(string target, RegistryFront registry, string path) =>
        target.Replace("{port}", registry.Host.Split(':')[1], StringComparison.Ordinal).Replace("{path}", path, StringComparison.Ordinal);

    private async Task<RegistryFront> StartAsync(bool isDebian)
    {
        var registry = await RegistryFront.StartAsync(isDebian);
        await PushAsync($"{registry.Host}/team/model");
        registry.Requests.Clear();
        return registry;
    }

    private async Task PushAsync(string name)
    {
        using var source = Open(Quick, "source");
        foreach (var blob in _model.Manifest.Blobs) source.Store.AddBlob(_model.GetBytes(blob.Digest));
        await source.Store.CommitAsync(_model.Manifest, name, Token);
        await source.PushAsync(name, null, null, Token);
    }

    private string Docker(string host)
    {
        var auth = Convert.ToBase64String("user:right"u8);
        File.WriteAllText(Path.Combine(_folder, "config.json"), $$"""{"auths":{"{{host}}":{"auth":"{{auth}}" } } }""");
        return _folder;
    }

    private ModelTransfers Open(TransferOptions options, string name = "target") =>
        new(ContentStore.Open(Path.Combine(_folder, name), TimeProvider.System), options, TimeProvider.System);
}
