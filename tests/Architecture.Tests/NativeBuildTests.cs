using System.Diagnostics;

namespace ModelRunner.Architecture.Tests;

/// <summary>What a build says when it cannot fetch llama.cpp: the target alone, with an npm that the test provides.</summary>
public sealed class NativeBuildTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("modelrunner-build").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Install_WithoutNpm_SaysWhatIsNeeded()
    {
        var output = await InstallAsync("linux-x64", npm: null);
        Assert.Contains("npm is needed to fetch llama.cpp and was not found", output, StringComparison.Ordinal);
        Assert.Contains("MODEL_RUNNER_LLAMA_PATH", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Install_NpmThatFails_SaysHowToSeeWhy()
    {
        var output = await InstallAsync("linux-x64", npm: "[ \"$1\" = --version ] || exit 1");
        Assert.Contains("npm could not fetch llama.cpp for linux-x64: run 'npm ci --ignore-scripts", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Install_BackendWithoutAPackage_NamesTheChoices()
    {
        var output = await InstallAsync("linux-x64-rocm", npm: "exit 0");
        Assert.Contains("Choose cpu, vulkan or cuda with -p:LlamaBackend=", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Collect_FolderWithoutLibraries_SaysWhatToDelete()
    {
        var output = await InstallAsync("linux-x64", npm: "mkdir -p node_modules", target: "CollectLlama");
        Assert.Contains("holds no libraries of llama.cpp. Delete that folder and build again", output, StringComparison.Ordinal);
    }

    /// <summary>Runs the target on a copy of the package folders, with nothing on the path but the shell and that npm.</summary>
    private async Task<string> InstallAsync(string package, string? npm, string target = "InstallLlama")
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the npm of the test is a shell script");
        var tools = Directory.CreateDirectory(Path.Combine(_folder, "tools")).FullName;
        File.CreateSymbolicLink(Path.Combine(tools, "sh"), "/bin/sh");
        if (npm is not null)
        {
            var script = Path.Combine(tools, "npm");
            await File.WriteAllTextAsync(script, $"#!/bin/sh\n{npm}\n", TestContext.Current.CancellationToken);
            if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }

        var engine = Path.Combine(Sources.Root, "src", "Engines.LlamaCpp");
        var copy = Directory.CreateDirectory(Path.Combine(_folder, "native", "linux-x64")).FullName;
        foreach (var name in new[] { "package.json", "package-lock.json" })
            File.Copy(Path.Combine(engine, "native", "linux-x64", name), Path.Combine(copy, name));

        File.Copy(Path.Combine(engine, "Native.targets"), Path.Combine(_folder, "Native.targets"));
        var project = Path.Combine(_folder, "test.proj");
        await File.WriteAllTextAsync(project, """<Project><Import Project="Native.targets" /></Project>""", TestContext.Current.CancellationToken);

        var start = new ProcessStartInfo(FindOnPath("dotnet"), ["msbuild", project, $"-t:{target}", $"-p:LlamaPackage={package}", "-nologo"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["PATH"] = tools + (npm is null ? "" : ":/bin");
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken) + await error;
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.NotEqual(0, process.ExitCode);
        return output;
    }

    private static string FindOnPath(string name) => Environment.GetEnvironmentVariable("PATH")!
        .Split(Path.PathSeparator)
        .Select(folder => Path.Combine(folder, name))
        .First(File.Exists);
}
