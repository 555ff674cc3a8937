using System.Net;
using Microsoft.Extensions.Configuration;
using ModelRunner.ModelStore;
using ModelRunner.Server.Composition;
using ModelRunner.Server.Options;
using ModelRunner.Testing;

namespace ModelRunner.Server.Tests.Options;

public sealed class ServerSettingsTests
{
    private static readonly IConfiguration NoFile = new ConfigurationBuilder().Build();

    [Fact]
    public void Read_Nothing_GivesTheDefaults()
    {
        var options = ServerSettings.Read([], _ => null, NoFile);

        Assert.Equal((IPAddress.Loopback, 12434), (options.Bind, options.Port));
        Assert.Empty(options.ModelFolders);
    }

    [Theory]
    [InlineData("1", false)]
    [InlineData("0", true)]
    [InlineData(null, true)]
    public void Read_NoBundled_LeavesTheBundledModelOut(string? value, bool isBundled)
    {
        var options = ServerSettings.Read([], name => name == "MODEL_RUNNER_NO_BUNDLED" ? value : null, NoFile);

        Assert.Equal(isBundled ? Path.Combine(AppContext.BaseDirectory, "models") : null, options.BundledFolder);
    }

    [Fact]
    public void Read_AllThreeForms_PrefersTheCommandLineThenTheEnvironment()
    {
        var file = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ModelRunner:Port"] = "1",
            ["ModelRunner:Bind"] = "127.0.0.3",
            ["ModelRunner:ModelDirs:0"] = "/a",
            ["ModelRunner:ModelDirs:1"] = "/b",
        }).Build();
        var environment = new Dictionary<string, string> { ["MODEL_RUNNER_PORT"] = "2", ["MODEL_RUNNER_BIND"] = "localhost" };

        var options = ServerSettings.Read(["--port", "3"], environment.GetValueOrDefault, file);

        Assert.Equal((IPAddress.Loopback, 3), (options.Bind, options.Port));
        Assert.Equal(["/a", "/b"], options.ModelFolders);
    }

    [Fact]
    public void Read_RequireGpu_ComesFromEachForm()
    {
        var file = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { ["ModelRunner:RequireGpu"] = "true" }).Build();

        Assert.False(ServerSettings.Read([], _ => null, NoFile).RequiresAccelerator);
        Assert.True(ServerSettings.Read(["--require-gpu"], _ => null, NoFile).RequiresAccelerator);
        Assert.True(ServerSettings.Read([], name => name == "MODEL_RUNNER_REQUIRE_GPU" ? "1" : null, NoFile).RequiresAccelerator);
        Assert.True(ServerSettings.Read([], _ => null, file).RequiresAccelerator);
    }

    [Fact]
    public void Read_RepeatedOptions_GathersThem()
    {
        var options = ServerSettings.Read(
            ["--model", "a=/x.gguf", "--model=b=/y=z.gguf"],
            name => name == "MODEL_RUNNER_MODEL_DIRS" ? $"/m{Path.PathSeparator}/n" : null,
            NoFile);

        Assert.Equal([new ModelEntry("a", "/x.gguf"), new ModelEntry("b", "/y=z.gguf")], options.Models);
        Assert.Equal(["/m", "/n"], options.ModelFolders);
    }

    [Theory]
    [InlineData("--none", "1")]
    [InlineData("--port", "x")]
    [InlineData("--port", "65536")]
    [InlineData("--bind", "nowhere")]
    [InlineData("--model", "a")]
    [InlineData("--model", "=a")]
    [InlineData("--port")]
    [InlineData("stray")]
    [InlineData("--bind", "0.0.0.0")]
    [InlineData("--bind", "192.168.1.7", "--allow-anonymous", "false")]
    [InlineData("--keep-alive", "soon")]
    [InlineData("--kv-type", "f64")]
    [InlineData("--shutdown-time", "0")]
    [InlineData("--model-settings", "ai/x")]
    [InlineData("--model-settings", "ai/x colour=1")]
    [InlineData("--model-settings", "ai/x parallel=0")]
    public void Read_WrongArguments_SaysWhich(params string[] arguments) =>
        Assert.Throws<FormatException>(() => ServerSettings.Read(arguments, _ => null, NoFile));

    [Fact]
    public void Help_OfAllSettings_HasTheThreeForms()
    {
        var help = ServerSettings.GetHelp();
        foreach (var setting in ServerSettings.All)
        {
            Assert.All([$"--{setting.Name} ", $" {setting.Environment} ", $" {setting.Key} "], form => Assert.Contains(form, help, StringComparison.Ordinal));
            Assert.Contains("default", setting.Help, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Readme_OfAllSettings_HasEachOption()
    {
        var readme = File.ReadAllText(Path.Combine(Repository.Root, "README.md"));
        Assert.All(ServerSettings.All, setting => Assert.Contains($"`--{setting.Name}`", readme, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("--bind", "0.0.0.0", "--allow-anonymous")]
    [InlineData("--bind", "0.0.0.0", "--api-key", "k")]
    [InlineData("--allow-anonymous", "--bind", "::")]
    [InlineData("--bind", "127.0.0.9")]
    [InlineData("--bind", "::1")]
    public void Read_AnAddressThatIsGuardedOrLocal_TakesIt(params string[] arguments) =>
        Assert.NotNull(ServerSettings.Read(arguments, _ => null, NoFile));

    [Fact]
    public void Read_ModelSettings_ChangeOnlyWhatTheyName()
    {
        var options = ServerSettings.Read(
            ["--context-size", "1024", "--model-settings", "ai/x:q4 parallel=2 keep-alive=-1", "--threads", "3", "--deterministic"],
            _ => null,
            NoFile);

        var own = Assert.Single(options.Runtime.Models);
        Assert.Equal("ai/x:q4", own.Key);
        Assert.Equal((1024, 2, 3, true), (own.Value.Load.ContextLength, own.Value.Load.MaxSequences, own.Value.Load.ThreadCount, own.Value.Load.Deterministic));
        Assert.Equal(Timeout.InfiniteTimeSpan, own.Value.KeepAlive);
        Assert.Equal((0, TimeSpan.FromMinutes(5)), (options.Runtime.Default.Load.MaxSequences, options.Runtime.Default.KeepAlive));
    }

    /// <summary>One pool of so many threads for all ONNX models, not one for each.</summary>
    [Fact]
    public void Read_Threads_AreThePoolsOfOnnxRuntime()
    {
        var options = ServerSettings.Read(["--threads", "3", "--model-settings", "ai/x threads=2"], _ => null, NoFile);
        Assert.Equal(3, EngineServices.OnnxOptionsOf(options).ThreadCount);
        Assert.Equal(0, EngineServices.OnnxOptionsOf(ServerSettings.Read([], _ => null, NoFile)).ThreadCount);
    }

    [Fact]
    public void Read_ListsOfTheEnvironment_ArePartedByTheirSeparators()
    {
        var environment = new Dictionary<string, string>
        {
            ["DMR_ORIGINS"] = "http://a.example, http://b.example:*",
            ["MODEL_RUNNER_MODELS"] = "ai/x:latest=/x.gguf;ai/y=/y.gguf",
            ["MODEL_RUNNER_MODEL_SETTINGS"] = "ai/x context-size=64; ai/y threads=1",
        };

        var options = ServerSettings.Read([], environment.GetValueOrDefault, NoFile);

        Assert.Equal(["http://a.example", "http://b.example:*"], options.Origins);
        Assert.Equal(["ai/x:latest", "ai/y"], options.Models.Select(model => model.Name));
        Assert.Equal(2, options.Runtime.Models.Count);
    }
}
