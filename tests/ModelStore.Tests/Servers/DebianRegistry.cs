using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using ModelRunner.ModelStore.Content;

namespace ModelRunner.ModelStore.Tests.Servers;

/// <summary>Debian's <c>docker-registry</c> as a process of its own. The calling test is skipped where it is not installed.</summary>
internal sealed class DebianRegistry : ITestRegistry
{
    private const string Program = "/usr/bin/docker-registry";

    // The bcrypt hash of "right".
    private const string PasswordLine = "user:$2b$05$abcdefghijklmnopqrstuu8xaCxxL82bnl.UY74PMksDxIJShppPC";
    private readonly string _folder = Directory.CreateTempSubdirectory("modelrunner-registry").FullName;
    private readonly Process _process;

    private DebianRegistry(bool hasLogin)
    {
        using (var free = new TcpListener(IPAddress.Loopback, 0))
        {
            free.Start();
            Host = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{((IPEndPoint)free.LocalEndpoint).Port}");
        }

        File.WriteAllText(Path.Combine(_folder, "htpasswd"), PasswordLine);
        var config = Path.Combine(_folder, "config.yml");
        File.WriteAllText(config, $"""
            version: 0.1
            log: {"{level: error}"}
            storage:
              filesystem: {"{"}rootdirectory: {_folder}/data{"}"}
            http: {"{"}addr: "{Host}"{"}"}
            {(hasLogin ? $"auth: {{htpasswd: {{realm: test, path: {_folder}/htpasswd}}}}" : "")}
            """);
        var start = new ProcessStartInfo(Program) { RedirectStandardError = true, RedirectStandardOutput = true };
        start.ArgumentList.Add("serve");
        start.ArgumentList.Add(config);
        _process = Process.Start(start)!;
        _process.BeginErrorReadLine();
        _process.BeginOutputReadLine();
    }

    public string Host { get; }

    public static async Task<DebianRegistry> StartAsync(bool hasLogin = false)
    {
        var isRequired = Environment.GetEnvironmentVariable("MODEL_RUNNER_DOCKER_REGISTRY") == "required";
        Assert.SkipUnless(isRequired || File.Exists(Program), "docker-registry is not installed");
        var registry = new DebianRegistry(hasLogin);
        using var client = new HttpClient();
        while (true)
        {
            try
            {
                using var answer = await client.GetAsync(new Uri($"http://{registry.Host}/v2/"), TestContext.Current.CancellationToken);
                return registry;
            }
            catch (HttpRequestException)
            {
                Assert.False(registry._process.HasExited, "docker-registry ended by itself");
                await Task.Delay(50, TestContext.Current.CancellationToken);
            }
        }
    }

    public async Task CorruptAsync(Digest blob)
    {
        var path = Path.Combine(_folder, "data", "docker", "registry", "v2", "blobs", "sha256", blob.Hex[..2], blob.Hex, "data");
        var bytes = await File.ReadAllBytesAsync(path);
        bytes[3] ^= 1;
        await File.WriteAllBytesAsync(path, bytes);
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
