using System.Text.Json;
using System.Text.RegularExpressions;
using ModelRunner.Testing;

namespace ModelRunner.Clients.Tests;

/// <summary>The calls of the documents, run by bash as they are written, but for the address.</summary>
public abstract partial class CurlTests(SharedServers servers, string engine)
{
    private readonly SharedServer _shared = servers[engine];

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task SeedsCall_WithTheAddressChanged_Answers(int index)
    {
        RequirePrograms();
        var seed = await File.ReadAllTextAsync(SharedData.Require("seed.md"), TestContext.Current.CancellationToken);
        AssertChat(await RunAsync(BashBlock().Matches(seed)[index].Groups[1].Value));
    }

    [Theory]
    [InlineData("chat.sh")]
    [InlineData("bat-and-ball.sh")]
    public async Task ExampleOfChat_Answers(string script)
    {
        RequirePrograms();
        AssertChat(await RunExampleAsync(script));
    }

    [Fact]
    public async Task ExampleOfStreaming_EndsWithDone()
    {
        RequirePrograms();
        Assert.EndsWith("data: [DONE]", (await RunExampleAsync("stream.sh")).TrimEnd(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ExampleOfModels_ListsThem()
    {
        RequirePrograms();
        var models = JsonSerializer.Deserialize<JsonElement>(await RunExampleAsync("models.sh"));
        Assert.Equal(SharedServers.ModelNames.Count, models.GetProperty("data").GetArrayLength());
    }

    [Fact]
    public async Task ExampleOfEmbeddings_GivesAVector()
    {
        RequirePrograms();
        var answer = JsonSerializer.Deserialize<JsonElement>(await RunExampleAsync("embeddings.sh"));
        Assert.Equal(64, answer.GetProperty("data")[0].GetProperty("embedding").GetArrayLength());
    }

    /// <summary>Not even the address is changed: curl is told where the documents' hosts are, as a hosts file would.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task SeedsCall_AsItIsWritten_Answers(int index)
    {
        RequirePrograms();
        var seed = await File.ReadAllTextAsync(SharedData.Require("seed.md"), TestContext.Current.CancellationToken);
        var home = Directory.CreateTempSubdirectory("modelrunner-curl");
        var here = $"127.0.0.1:{_shared.Process.Address.Port}";
        await File.WriteAllLinesAsync(
            Path.Combine(home.FullName, ".curlrc"),
            [$"connect-to = model-runner.docker.internal:80:{here}", $"connect-to = localhost:12434:{here}"],
            TestContext.Current.CancellationToken);
        AssertChat(await Command.RunAsync(
            home.FullName, [("CURL_HOME", home.FullName)], null, "bash", "-c", BashBlock().Matches(seed)[index].Groups[1].Value));
        home.Delete(recursive: true);
    }

    [Fact]
    public async Task ForeignName_ResolvedToThisServer_IsRefused()
    {
        Assert.SkipUnless(Command.Exists("curl"), "curl is not installed");
        var port = _shared.Process.Address.Port;
        var status = await Command.RunAsync(
            AppContext.BaseDirectory, [], null, "curl", "-s", "-o", "/dev/null", "-w", "%{http_code}",
            "--resolve", $"rebound.example:{port}:127.0.0.1", $"http://rebound.example:{port}/engines/v1/models");
        Assert.Equal("403", status);
    }

    private static void RequirePrograms()
    {
        foreach (var program in new[] { "bash", "curl", "jq" })
            Assert.SkipUnless(Command.Exists(program), $"{program} is not installed");
    }

    private static void AssertChat(string output)
    {
        var answer = JsonSerializer.Deserialize<JsonElement>(output);
        Assert.Equal("chat.completion", answer.GetProperty("object").GetString());
        Assert.NotEqual("", answer.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString());
    }

    private Task<string> RunExampleAsync(string script) => Command.RunAsync(
        Path.Combine(Repository.Root, "examples", "curl"),
        [("MODEL_RUNNER_URL", $"{_shared.Base}"), ("MODEL_RUNNER_MODEL", "ai/smollm2")],
        null,
        "bash",
        script);

    private Task<string> RunAsync(string script)
    {
        var changed = Host().Replace(script, _shared.Process.Address.ToString());
        Assert.NotEqual(script, changed);
        return Command.RunAsync(AppContext.BaseDirectory, [], null, "bash", "-c", changed);
    }

    [GeneratedRegex(@"```bash\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex BashBlock();

    [GeneratedRegex(@"http://(localhost:12434|model-runner\.docker\.internal)/")]
    private static partial Regex Host();
}

public sealed class CurlOnLlamaCppTests(SharedServers servers) : CurlTests(servers, "llama.cpp");

public sealed class CurlOnOnnxTests(SharedServers servers) : CurlTests(servers, "onnx");
