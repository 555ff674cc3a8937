using System.Diagnostics;
using System.Globalization;
using System.Net;
using ModelRunner.ModelStore.Content;
using ModelRunner.ModelStore.Http;
using ModelRunner.ModelStore.Registry;
using ModelRunner.ModelStore.Tests.Servers;
using ModelRunner.ModelStore.Transfer;
using ModelRunner.StoreWorker;
using ModelRunner.Testing;

namespace ModelRunner.ModelStore.Tests.Registry;

/// <summary>Logins that stand elsewhere than in Docker's <c>config.json</c>, and tokens that are bought.</summary>
public sealed class CredentialTests : IDisposable
{
    private static readonly TransferOptions Quick = new() { MaxRetries = 1, RetryPause = TimeSpan.FromMilliseconds(1) };
    private readonly string _folder = Directory.CreateTempSubdirectory("modelrunner-credentials").FullName;
    private readonly WorkModel _model = new(1, 100_000);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("credHelpers", "user", "right")]
    [InlineData("credsStore", "user", "right")]
    [InlineData("credHelpers", "<token>", "refreshing")]
    public async Task Helper_OfDocker_IsAskedForItsHost(string setting, string user, string secret)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "the helper of the test is a shell script");
        await using var registry = await StartAsync();
        (registry.GivesTokens, registry.RefreshToken) = (user == "<token>", "refreshing");
        var helper = Helper(registry.Host, $$"""{"ServerURL":"x","Username":"{{user}}","Secret":"{{secret}}"}""");
        using var transfers = Open(setting == "credsStore"
            ? $$"""{"credsStore":"{{helper}}"}"""
            : $$"""{"credHelpers":{"{{registry.Host}}":"{{helper}}"} }""");

        var (model, _) = await transfers.PullAsync($"{registry.Host}/team/model", null, null, Token);

        Assert.Equal(_model.Manifest.Digest, model.Id);
    }

    [Fact]
    public async Task Helper_ThatKnowsNothing_LeavesTheLoginOfTheFile()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "the helper of the test is a shell script");
        await using var registry = await StartAsync();
        var helper = Helper("other.example", "{}");
        var auth = Convert.ToBase64String("user:right"u8);
        using var transfers = Open($$"""{"credsStore":"{{helper}}","auths":{"{{registry.Host}}":{"auth":"{{auth}}"} } }""");

        Assert.Equal(_model.Manifest.Digest, (await transfers.PullAsync($"{registry.Host}/team/model", null, null, Token)).Model.Id);
    }

    // A name with a path would lead to any program: this one is there, and knows the login.
    [Fact]
    public async Task Helper_OfANameThatIsAPath_IsNotRun()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "the helper of the test is a shell script");
        await using var registry = await StartAsync();
        Directory.CreateDirectory(Path.Combine(_folder, "docker-credential-.."));
        var helper = Helper(registry.Host, """{"Username":"user","Secret":"right"}""", $"../{Path.GetFileName(_folder)}");
        using var transfers = Open($$"""{"credsStore":"{{helper}}"}""");

        var error = await Assert.ThrowsAsync<TransferException>(() => transfers.PullAsync($"{registry.Host}/team/model", null, null, Token));

        Assert.Equal(TransferException.Unauthorized, error.Code);
    }

    [Fact]
    public async Task Helper_ThatIsNotThere_IsAsNone()
    {
        await using var registry = await StartAsync();
        using var transfers = Open("""{"credsStore":"none-of-this-name"}""");

        var error = await Assert.ThrowsAsync<TransferException>(() => transfers.PullAsync($"{registry.Host}/team/model", null, null, Token));

        Assert.Equal(TransferException.Unauthorized, error.Code);
    }

    [Fact]
    public async Task Helper_ThatDoesNotEnd_IsEndedWithThePull()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "the helper of the test is a shell script");
        var started = await WriteSleeperAsync();
        using var leave = new CancellationTokenSource();
        var asking = DockerCredentials.FindAsync("any.example", Quick with { DockerConfigFolder = _folder }, TimeProvider.System, leave.Token);
        using var process = Process.GetProcessById(int.Parse(await File.ReadAllTextAsync(started, Token), CultureInfo.InvariantCulture));
        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);

        await process.WaitForExitAsync(Token).WaitAsync(TimeSpan.FromSeconds(30), Token);
    }

    [Fact]
    public async Task Helper_ThatDoesNotAnswer_HoldsUpOneDeadlineAlone()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "the helper of the test is a shell script");
        var started = await WriteSleeperAsync();
        var clock = new ManualClock();
        var asking = DockerCredentials.FindAsync("any.example", Quick with { DockerConfigFolder = _folder }, clock, Token);
        await File.ReadAllTextAsync(started, Token);

        clock.Advance(TimeSpan.FromSeconds(20));

        Assert.Null(await asking.WaitAsync(TimeSpan.FromSeconds(30), Token));
    }

    [Fact]
    public async Task Helper_ThatComplainsAtLength_IsHeard()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "the helper of the test is a shell script");
        var helper = Script("""
            read -r host
            yes 'this is deprecated' | head -c 1000000 >&2
            echo '{"Username":"user","Secret":"right"}'
            """);
        await File.WriteAllTextAsync(Path.Combine(_folder, "config.json"), $$"""{"credsStore":"{{helper}}"}""", Token);

        var found = await DockerCredentials.FindAsync("any.example", Quick with { DockerConfigFolder = _folder }, TimeProvider.System, Token);

        Assert.Equal(("user", "right"), (found?.User, found?.Password));
    }

    [Theory]
    [InlineData("refreshing", true)]
    [InlineData("stale", false)]
    public async Task IdentityToken_OfTheFile_BuysTokens(string token, bool isRight)
    {
        await using var registry = await StartAsync();
        (registry.GivesTokens, registry.RefreshToken) = (true, "refreshing");
        using var transfers = Open($$"""{"auths":{"{{registry.Host}}":{"auth":"dXNlcjo=","identitytoken":"{{token}}"} } }""");
        var pull = () => transfers.PullAsync($"{registry.Host}/team/model", null, null, Token);

        if (!isRight)
        {
            Assert.Equal(TransferException.Unauthorized, (await Assert.ThrowsAsync<TransferException>(pull)).Code);
            return;
        }

        await pull();
        var form = Assert.Single(registry.Requests, request => request.Path == "/token").Form;
        Assert.Contains("service=test", form, StringComparison.Ordinal);
        Assert.Contains("client_id=", form, StringComparison.Ordinal);
    }

    // Requests in parallel meet the end of one token together; all but the first find the new one there already.
    [Fact]
    public async Task Token_ThatEndedForTwoRequests_IsFetchedOnce()
    {
        await using var registry = await StartAsync();
        registry.GivesTokens = true;
        using var http = new TransferHttp(Quick, TimeProvider.System);
        var auth = new RegistryAuth(http, new Uri($"http://{registry.Host}/"), new Credentials("user", "right"));
        Assert.True(await MeetAsync(auth, null));
        var old = auth.Get("scope");
        registry.Token = "another";
        registry.Requests.Clear();

        Assert.True(await MeetAsync(auth, old));
        Assert.True(await MeetAsync(auth, old));

        Assert.Single(registry.Requests, request => request.Path == "/token");
        Assert.Equal("Bearer another", auth.Get("scope")!.ToString());
        Assert.False(await MeetAsync(auth, auth.Get("scope")));

        Task<bool> MeetAsync(RegistryAuth auth, System.Net.Http.Headers.AuthenticationHeaderValue? sent)
        {
            var request = new HttpRequestMessage(HttpMethod.Get, $"http://{registry.Host}/v2/") { Headers = { Authorization = sent } };
            var response = new HttpResponseMessage(HttpStatusCode.Unauthorized) { RequestMessage = request };
            response.Headers.WwwAuthenticate.ParseAdd($"Bearer realm=\"http://{registry.Host}/token\",service=\"test\"");
            return auth.MeetAsync(response, "scope", Token);
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private async Task<RegistryFront> StartAsync()
    {
        var registry = await RegistryFront.StartAsync(isDebian: false);
        var name = $"{registry.Host}/team/model";
        using var source = new ModelTransfers(Store("source"), Quick, TimeProvider.System);
        foreach (var blob in _model.Manifest.Blobs) source.Store.AddBlob(_model.GetBytes(blob.Digest));
        await source.Store.CommitAsync(_model.Manifest, name, Token);
        await source.PushAsync(name, null, null, Token);
        registry.Login = ("user", "right");
        registry.Requests.Clear();
        return registry;
    }

    /// <summary>Puts a program onto the path that knows one host, as docker-credential-helpers say: <c>get</c>, and the host on its input.</summary>
    private string Helper(string host, string answer, string? name = null) =>
        Script($"read -r host\n[ \"$1\" = get ] && [ \"$host\" = '{host}' ] || {{ echo 'credentials not found'; exit 1; }}\necho '{answer}'", name);

    /// <summary>Configures a program that writes its process into a pipe, and then does not answer.</summary>
    /// <returns>The pipe, whose end opens when the program writes into it.</returns>
    private async Task<string> WriteSleeperAsync()
    {
        var started = Path.Combine(_folder, "started");
        using (var make = Process.Start("mkfifo", [started])) await make.WaitForExitAsync(Token);
        var helper = Script($"echo $$ > '{started}'\nexec sleep 1000");
        await File.WriteAllTextAsync(Path.Combine(_folder, "config.json"), $$"""{"credsStore":"{{helper}}"}""", Token);
        return started;
    }

    private string Script(string text, string? name = null)
    {
        name ??= $"test-{Path.GetFileName(_folder)}";
        var path = Path.Combine(_folder, $"docker-credential-{name}");
        File.WriteAllText(path, $"#!/bin/sh\n{text}\n");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        Environment.SetEnvironmentVariable("PATH", $"{_folder}{Path.PathSeparator}{Environment.GetEnvironmentVariable("PATH")}");
        return name;
    }

    private ModelTransfers Open(string config)
    {
        File.WriteAllText(Path.Combine(_folder, "config.json"), config);
        return new ModelTransfers(Store("target"), Quick with { DockerConfigFolder = _folder }, TimeProvider.System);
    }

    private ContentStore Store(string name) => ContentStore.Open(Path.Combine(_folder, name), TimeProvider.System);
}
