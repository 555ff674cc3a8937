using System.Text.RegularExpressions;
using ModelRunner.Testing;

namespace ModelRunner.Clients.Tests;

/// <summary>OpenAI's official SDK for Node.js: each program checks what it got, and fails where that is wrong.</summary>
public abstract partial class NodeSdkTests(SharedServers servers, string engine)
{
    private readonly SharedServer _shared = servers[engine];

    [Theory]
    [InlineData("chat")]
    [InlineData("structured")]
    [InlineData("completions")]
    [InlineData("embeddings")]
    [InlineData("models")]
    [InlineData("errors")]
    public Task Program_OverEachCall_FindsWhatItExpects(string name) => RunAsync($"{name}.mjs", _shared.Process.Address, "ai/smollm2");

    [Fact]
    public async Task Program_ThatLeavesStreams_IsForgotten()
    {
        await RunAsync("abort.mjs", _shared.Process.Address, "ai/smollm2");
        await _shared.Process.UntilIdleAsync();
    }

    [Fact]
    public async Task Program_AtAFullServer_TriesAgainUntilThereIsRoom()
    {
        await using var server = await FullServer.StartAsync(_shared.Engine, TestContext.Current.CancellationToken);
        var output = await RunAsync("retries.mjs", server.Address, FullServer.Model, _ => server.MakeRoom());
        Assert.Matches(@"status 429, retry after \d+ ms", output);
    }

    [Fact]
    public async Task SeedsProgram_WithTheAddressChanged_PrintsAnAnswer()
    {
        var seed = await File.ReadAllTextAsync(SharedData.Require("seed.md"), TestContext.Current.CancellationToken);
        var program = SeedProgram().Match(seed).Groups[1].Value;
        var changed = BaseUrl().Replace(program, $"baseURL: '{_shared.Process.Address}engines/{_shared.Engine}/v1'", 1);
        Assert.NotEqual(program, changed);
        var path = Path.Combine(NodePrograms.Folder, "seed.mjs");
        await File.WriteAllTextAsync(path, changed, TestContext.Current.CancellationToken);
        Assert.NotEqual("", (await RunAsync("seed.mjs", _shared.Process.Address, "ai/gemma3")).Trim());
    }

    private Task<string> RunAsync(string program, Uri address, string model, Action<string>? onLine = null) =>
        NodePrograms.RunAsync([("MODEL_RUNNER_URL", $"{address}engines/{_shared.Engine}/v1"), ("MODEL_RUNNER_MODEL", model)], onLine, program);

    [GeneratedRegex(@"```javascript[^\n]*\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex SeedProgram();

    [GeneratedRegex(@"baseURL: '[^']*'")]
    private static partial Regex BaseUrl();
}

public sealed class NodeSdkOnLlamaCppTests(SharedServers servers) : NodeSdkTests(servers, "llama.cpp");

public sealed class NodeSdkOnOnnxTests(SharedServers servers) : NodeSdkTests(servers, "onnx");
