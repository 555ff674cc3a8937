using System.Text.Json;
using System.Text.RegularExpressions;
using ModelRunner.Testing;

namespace ModelRunner.Clients.Tests;

/// <summary>The Dockerfile and the compose file: linted, and what they set tried on a process.</summary>
public sealed partial class ContainerTests
{
    [Fact]
    public async Task Files_ByTheirLinters_SetOnlyWhatTheServerKnows()
    {
        var help = await Command.RunAsync(
            AppContext.BaseDirectory, [], null, "dotnet", Path.Combine(AppContext.BaseDirectory, "ModelRunner.Server.dll"), "--help");

        var environment = await ReadEnvironmentAsync();

        Assert.Equal("80", environment["MODEL_RUNNER_PORT"]);
        Assert.All(environment.Keys, name => Assert.Contains($" {name} ", help, StringComparison.Ordinal));
    }

    /// <summary>The address of the seed as other containers write it, without a port.</summary>
    [Fact]
    public async Task Server_WithTheFilesSettings_IsServedUnderTheContainersName()
    {
        Assert.SkipUnless(Command.Exists("curl"), "curl is not installed");
        var environment = await ReadEnvironmentAsync();

        // A folder of this test's own; the port is a free one by its option, and so are the folders that are written to.
        environment["MODEL_RUNNER_MODEL_DIRS"] = FixtureModels.Folder;
        await using var server = await ServerProcess.StartAsync(
            environment.Select(entry => (entry.Key, entry.Value)), ["--model", $"ai/smollm2={FixtureModels.Tiny}", "--threads", "1"]);

        foreach (var name in new[] { "model-runner.docker.internal", "model-runner" })
            Assert.Contains("ai/smollm2", await GetAsync(name, server), StringComparison.Ordinal);
        Assert.Contains("host_not_allowed", await GetAsync("rebound.example", server), StringComparison.Ordinal);
    }

    private static Task<string> GetAsync(string name, ServerProcess server) => Command.RunAsync(
        AppContext.BaseDirectory, [], null,
        "curl", "-s", "--connect-to", $"{name}:80:127.0.0.1:{server.Address.Port}", $"http://{name}/engines/v1/models");

    /// <summary>What the container's files set, as the linting program tells it.</summary>
    private static async Task<Dictionary<string, string>> ReadEnvironmentAsync()
    {
        var output = await NodePrograms.RunAsync(
            [], null, "container.mjs", Path.Combine(Repository.Root, "Dockerfile"), Path.Combine(Repository.Root, "compose.yaml"));
        var environment = JsonSerializer.Deserialize<Dictionary<string, string>>(output)!;
        foreach (var (name, value) in environment) environment[name] = Substitution().Replace(value, "${default}");
        return environment;
    }

    // Compose's ${NAME:-default}.
    [GeneratedRegex(@"\$\{\w+:-(?<default>[^}]*)\}")]
    private static partial Regex Substitution();
}
