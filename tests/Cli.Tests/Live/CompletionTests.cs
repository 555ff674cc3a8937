using System.Diagnostics;

namespace ModelRunner.Cli.Tests.Live;

/// <summary>The completion scripts in the shells that they are for, where those are installed.</summary>
[Collection(OneServer.Name)]
public sealed class CompletionTests(LiveServer server) : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("modelrunner-completion").FullName;

    [Theory]
    [InlineData("run")]
    [InlineData("rm")]
    [InlineData("unload")]
    public async Task Suggestions_OfAModel_AreTheServersNames(string command)
    {
        var line = $"modelrunner {command} ai/t";

        Assert.Contains(LiveServer.Model, (await server.RunAsync($"[suggest:{line.Length}]", line)).Split('\n'));
    }

    [Theory]
    [InlineData("modelrunner pu", "pull push")]
    [InlineData("modelrunner run ai/ti", "ai/tiny")]
    [InlineData("modelrunner inspect ai/two:v", "v1 v2")]
    public async Task Bash_AtTheEndOfALine_CompletesIt(string line, string expected)
    {
        await server.RunAsync("tag", await StoreAsync(), "ai/two:v1");
        await server.RunAsync("tag", "ai/two:v1", "ai/two:v2");

        var words = await RunAsync("bash", $$"""
            source <(modelrunner completion bash)
            COMP_LINE='{{line}}'; COMP_POINT=${#COMP_LINE}; COMP_WORDBREAKS=$' \t\n:'
            _modelrunner
            echo "${COMPREPLY[*]}"
            """);

        Assert.Equal(expected.Split(' '), words.Trim().Split(' ').Order());
        await server.RunAsync("rm", "--force", (await server.RunForJsonAsync("inspect", "ai/two:v1")).GetProperty("id").GetString()!);
    }

    [Fact]
    public async Task Fish_AtTheEndOfALine_CompletesIt()
    {
        var words = await RunAsync("fish", "modelrunner completion fish | source; complete -C 'modelrunner run ai/t'");

        Assert.Equal([LiveServer.Model], words.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task Zsh_TakesTheScript()
    {
        // A completion needs a terminal there: the script is read, and its function called with what zsh would give it.
        var words = await RunAsync("zsh", """
            compdef() { registered="$*" }
            compadd() { shift; shift; }
            source <(modelrunner completion zsh)
            compadd() { print -l -- ${(P)2} }
            BUFFER='modelrunner run ai/t'; CURSOR=${#BUFFER}
            _modelrunner
            print -- "$registered"
            """);

        Assert.Equal([LiveServer.Model, "_modelrunner modelrunner"], words.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    // Bash's compgen -W runs what stands in a word as $(...): a name of a model was a command, by the Tab key alone.
    [Theory]
    [InlineData("bash", """
        source <(modelrunner completion bash)
        COMP_LINE='modelrunner run '; COMP_POINT=${#COMP_LINE}; COMP_WORDBREAKS=$' \t\n:'
        _modelrunner
        printf '%s\n' "${COMPREPLY[@]}"
        """, @"\$\(touch\ pwned\)")]
    [InlineData("fish", "modelrunner completion fish | source; complete -C 'modelrunner run '", null)]
    [InlineData("zsh", """
        compdef() { }
        source <(modelrunner completion zsh)
        compadd() { print -rl -- ${(P)2} }
        BUFFER='modelrunner run '; CURSOR=${#BUFFER}
        _modelrunner
        """, null)]
    public async Task Name_ThatIsACommand_IsNotRun(string shell, string script, string? expected)
    {
        var words = await RunAsync(shell, script, $"""
            case $1 in
              completion) exec dotnet '{CommandLine.Path}' "$@" ;;
              *) printf '%s\n' '$(touch pwned)' '`touch pwned`' 'ai/plain' ;;
            esac
            """);

        Assert.False(File.Exists(Path.Combine(_folder, "pwned")));
        Assert.Contains("ai/plain", words.Split('\n'));
        if (expected is not null) Assert.Contains(expected, words.Split('\n'));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private async Task<string> StoreAsync()
    {
        await server.RunAsync("package", "--gguf", ModelRunner.Testing.FixtureModels.Tiny, "ai/two:v1");
        return "ai/two:v1";
    }

    private Task<string> RunAsync(string shell, string script) => RunAsync(shell, script, $"exec dotnet '{CommandLine.Path}' \"$@\"");

    private async Task<string> RunAsync(string shell, string script, string modelrunner)
    {
        Assert.SkipUnless(File.Exists($"/usr/bin/{shell}"), $"{shell} is not installed");
        var program = Path.Combine(_folder, "modelrunner");
        await File.WriteAllTextAsync(program, $"#!/bin/sh\n{modelrunner}\n", TestContext.Current.CancellationToken);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var start = new ProcessStartInfo($"/usr/bin/{shell}", ["-c", script])
        {
            WorkingDirectory = _folder,
            Environment = { ["MODEL_RUNNER_HOST"] = server.Host, ["PATH"] = $"{_folder}:{Environment.GetEnvironmentVariable("PATH")}", ["HOME"] = _folder },
        };
        var (exitCode, output, error) = await CommandLine.RunAsync(start, "");
        Assert.True(exitCode == 0, error);
        return output;
    }
}
