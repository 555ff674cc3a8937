using System.Net;
using Microsoft.Extensions.Configuration;
using ModelRunner.ModelStore;
using ModelRunner.Server.Options;

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
    public void Read_WrongArguments_SaysWhich(params string[] arguments) =>
        Assert.Throws<FormatException>(() => ServerSettings.Read(arguments, _ => null, NoFile));

    [Fact]
    public void Help_OfAllSettings_HasTheThreeForms()
    {
        var help = ServerSettings.GetHelp();
        foreach (var setting in ServerSettings.All)
            Assert.All([$"--{setting.Name}", setting.Environment, setting.Key], form => Assert.Contains(form, help, StringComparison.Ordinal));
    }
}
