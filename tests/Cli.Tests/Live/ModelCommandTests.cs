using ModelRunner.Testing;

namespace ModelRunner.Cli.Tests.Live;

/// <summary>Models that answer.</summary>
[Collection(OneServer.Name)]
public sealed class ModelCommandTests(LiveServer server)
{
    private static readonly string[] Settings = ["--temperature", "0", "--max-tokens", "12"];

    [Fact]
    public async Task Run_WithPipedInput_PutsItBehindThePrompt()
    {
        var joined = await server.RunAsync(["run", LiveServer.Model, .. Settings, "One\n\ntwo"]);

        Assert.Equal(joined, await server.RunAsync("two", ["run", LiveServer.Model, .. Settings, "One"]));
        Assert.Equal(await server.RunAsync(["run", LiveServer.Model, .. Settings, "two"]), await server.RunAsync("two", ["run", LiveServer.Model, .. Settings]));
        Assert.NotEqual(joined, await server.RunAsync("three and four", ["run", LiveServer.Model, .. Settings, "One"]));
    }

    [Fact]
    public async Task Run_OfNothing_SaysWhatIsMissing() =>
        Assert.Contains("nothing to ask", await server.RunToFailAsync(2, "run", LiveServer.Model), StringComparison.Ordinal);

    [Fact]
    public async Task Run_OfAModelThatIsMissing_PullsIt()
    {
        var name = $"{server.Registry.Host}/team/missing:v1";
        await server.RunAsync("package", "--gguf", FixtureModels.Tiny, name, "--push");
        await server.RunAsync("rm", name);

        var (exitCode, output, error) = await CommandLine.RunAsync(server.Host, "", ["run", name, .. Settings, "Hi"]);

        Assert.True(exitCode == 0, error);
        Assert.Equal($"{name} is not here: pulling it.\n", error);
        Assert.NotEmpty(output.Trim());
        Assert.Contains("has no model", await server.RunToFailAsync(4, "run", $"{server.Registry.Host}/team/none", "Hi"), StringComparison.Ordinal);
        await server.RunAsync("unload", name);
        await server.RunAsync("rm", name);
    }

    [Fact]
    public async Task PsAndUnload_OfALoadedModel_ShowAndFreeIt()
    {
        Assert.Equal("", await server.RunAsync("run", "--detach", LiveServer.Model));

        Assert.Contains("llama.cpp", Assert.Single((await server.RunAsync("ps")).Split('\n'), row => row.StartsWith(LiveServer.Model, StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.Equal(LiveServer.Model, (await server.RunForJsonAsync("ps", "--json"))[0].GetProperty("model_name").GetString());
        Assert.Equal("Unloaded: 1\n", await server.RunAsync("unload", "tiny"));
        Assert.Equal(0, (await server.RunForJsonAsync("unload", "--all", "--json")).GetProperty("unloaded_runners").GetInt32());
        Assert.Equal(0, (await server.RunForJsonAsync("ps", "--json")).GetArrayLength());
    }

    [Fact]
    public async Task Configure_OfAModel_SetsAndShowsIt()
    {
        var set = (await server.RunForJsonAsync("configure", LiveServer.Model, "--context-size", "256", "--keep-alive", "90s", "--set", "parallel=2"))[0];
        Assert.Equal((256, "1m30s"), (set.GetProperty("Config").GetProperty("context-size").GetInt32(), set.GetProperty("Config").GetProperty("keep_alive").GetString()));

        Assert.Equal(set.GetRawText(), (await server.RunForJsonAsync("configure", "tiny"))[0].GetRawText());
        Assert.Contains("context-size", await server.RunToFailAsync(1, "configure", LiveServer.Model, "--set", "context-size=many"), StringComparison.Ordinal);
        Assert.Contains("name=value", await server.RunToFailAsync(2, "configure", LiveServer.Model, "--set", "parallel"), StringComparison.Ordinal);
        Assert.Contains("does not exist", await server.RunToFailAsync(4, "configure", "none"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bench_OfAModel_CountsItsAnswers()
    {
        var run = await server.RunForJsonAsync("bench", LiveServer.Model, "--concurrency", "1", "--duration", "1", "--max-tokens", "4", "--json");

        Assert.True(run.GetProperty("requests").GetInt32() > 0 && run.GetProperty("chunks_per_second").GetDouble() > 0);
    }
}
