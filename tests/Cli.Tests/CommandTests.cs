using System.Diagnostics;

namespace ModelRunner.Cli.Tests;

/// <summary>The program as a user starts it.</summary>
public sealed class CommandTests
{
    private const string Nobody = "http://127.0.0.1:1";

    [Theory]
    [InlineData(3, "modelrunner serve", "list")]
    [InlineData(3, "127.0.0.1:1", "ps", "--json")]
    [InlineData(3, "127.0.0.1:1", "pull", "ai/smollm2")]
    [InlineData(3, "127.0.0.1:1", "rm", "ai/smollm2")]
    [InlineData(3, "127.0.0.1:1", "run", "ai/smollm2", "Hi")]
    [InlineData(2, "nonsense", "nonsense")]
    [InlineData(2, "--nonsense", "list", "--nonsense")]
    [InlineData(2, "--gguf or --folder", "package", "a/b")]
    [InlineData(4, "none.gguf", "package", "--gguf", "none.gguf", "a/b")]
    public async Task Command_ThatCannotBeDone_SaysWhyAndEndsWithItsCode(int code, string text, params string[] arguments)
    {
        var (exitCode, _, error) = await CommandLine.RunAsync(Nobody, "", arguments);

        Assert.True(code == exitCode, $"{exitCode}: {error}");
        Assert.Contains(text, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("pull", "modelrunner pull hf.co/")]
    [InlineData("run", "modelrunner run ai/smollm2")]
    [InlineData("package", "modelrunner package --gguf")]
    public async Task Help_OfACommand_HasExamples(string command, string example)
    {
        var (exitCode, output, _) = await CommandLine.RunAsync(Nobody, "", command, "--help");

        Assert.Equal(0, exitCode);
        Assert.Contains(example, output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("bash", "complete -F")]
    [InlineData("zsh", "compdef")]
    [InlineData("fish", "complete -f")]
    [InlineData("pwsh", "Register-ArgumentCompleter")]
    public async Task Completion_OfAShell_IsAScript(string shell, string text)
    {
        var (exitCode, output, _) = await CommandLine.RunAsync(Nobody, "", "completion", shell);

        Assert.Equal(0, exitCode);
        Assert.Contains(text, output, StringComparison.Ordinal);
    }

    // Servers before ours had ids that are names.
    [Fact]
    public async Task List_OfIdsThatAreNoDigests_ShowsThem()
    {
        await using var server = new OneAnswerServer(OneAnswerServer.Json("""
            [{"id":"ai/old","tags":["ai/old"],"created":0,"config":{}},{"id":"sha256:abc","tags":["ai/short"],"created":0,"config":{}}]
            """));

        var (exitCode, output, error) = await CommandLine.RunAsync(server.Host, "", "list");

        Assert.True(exitCode == 0, error);
        Assert.Matches(@"(?m)^ai/old +ai/old +", output);
        Assert.Matches(@"(?m)^ai/short +sha256:abc +", output);
    }

    // A server that breaks off was called none: the advice to start one helps nobody.
    [Fact]
    public async Task Command_WhoseConnectionEnds_SaysThatItBroke()
    {
        await using var server = new OneAnswerServer("");

        var (exitCode, _, error) = await CommandLine.RunAsync(server.Host, "", "list");

        Assert.Equal(1, exitCode);
        Assert.Contains("The connection to the server broke", error, StringComparison.Ordinal);
    }

    // It was found in the current folder, and then looked for on the path.
    [Fact]
    public async Task Serve_OfAServerInTheCurrentFolder_StartsIt()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "the server of the test is a shell script");
        var folder = Directory.CreateTempSubdirectory("modelrunner-serve").FullName;
        try
        {
            var path = Path.Combine(folder, "server-of-the-test");
            await File.WriteAllTextAsync(path, "#!/bin/sh\necho \"started with $*\"\n", TestContext.Current.CancellationToken);
            if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
            var start = new ProcessStartInfo("dotnet", [CommandLine.Path, "serve", "--", "--port", "0"])
            {
                WorkingDirectory = folder,
                Environment = { ["MODEL_RUNNER_SERVER"] = Path.GetFileName(path) },
            };

            var (exitCode, output, error) = await CommandLine.RunAsync(start, "");

            Assert.Equal((0, "started with --port 0\n", ""), (exitCode, output, error));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Suggestions_OfTheFirstWord_AreTheCommands()
    {
        var (_, output, _) = await CommandLine.RunAsync(Nobody, "", "[suggest:14]", "modelrunner pu");

        Assert.Equal(["pull", "push"], output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order());
    }
}
