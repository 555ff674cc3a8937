using Microsoft.Extensions.Logging.Abstractions;
using ModelRunner.Abstractions.Engines;
using ModelRunner.Abstractions.Errors;
using ModelRunner.Server.Probing;

namespace ModelRunner.Server.Tests.Probing;

public sealed class ProcessModelProbeTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("modelrunner-probe").FullName;

    public ProcessModelProbeTests()
    {
        Assert.SkipUnless(File.Exists("/bin/sh"), "no /bin/sh on this machine");
        File.WriteAllText(ModelPath, "x");
    }

    private string ModelPath => Path.Combine(_folder, "m.gguf");

    // Each run of the child leaves a line here.
    private string Runs => Path.Combine(_folder, "runs");

    private int RunCount => File.Exists(Runs) ? File.ReadAllLines(Runs).Length : 0;

    [Theory]
    [InlineData("ModelRunner.Server", true)]
    [InlineData("ModelRunner.Server.exe", true)]
    [InlineData("ModelRunner.Server.Tests", false)]
    [InlineData("dotnet", false)]
    public void IsExecutableOf_NamesWithDots_AreNotCut(string fileName, bool expected) =>
        Assert.Equal(expected, ProbeOptions.IsExecutableOf(fileName, "ModelRunner.Server"));

    [Fact]
    public void Check_ChildThatEndsWell_RunsOnceForTheSameFiles()
    {
        Check("exit 0");
        Check("exit 0");

        Assert.Equal(1, RunCount);
    }

    [Fact]
    public void Check_ChildThatRefuses_TellsItsMessageAgainAndAgain()
    {
        for (var round = 0; round < 2; round++)
            Assert.Equal("bad header", Assert.Throws<ModelLoadException>(() => Check("echo bad header >&2; exit 3")).Message);

        Assert.Equal(1, RunCount);
    }

    [Theory]
    [InlineData("SEGV")]
    [InlineData("ABRT")]
    public void Check_ChildKilledByASignal_IsALoadError(string signal)
    {
        for (var round = 0; round < 2; round++)
        {
            var error = Assert.Throws<ModelLoadException>(() => Check($"kill -{signal} $$"));
            Assert.Contains("crashed the engine in a trial run", error.Message, StringComparison.Ordinal);
        }

        Assert.Equal(1, RunCount);
    }

    [Theory]
    [InlineData("kill -KILL $$")]
    [InlineData("exit 2")]
    public void Check_EndThatSaysNothingAboutTheFiles_IsNotKept(string script)
    {
        for (var round = 0; round < 2; round++) Assert.Throws<ModelLoadException>(() => Check(script));

        Assert.Equal(2, RunCount);
    }

    [Fact]
    public void Check_ChangedFileOrVersion_RunsAgain()
    {
        Check("exit 0");
        File.WriteAllText(ModelPath, "xy");
        Check("exit 0");
        Check("exit 0", version: "2");

        Assert.Equal(3, RunCount);
    }

    // What a copy with its times kept does: only when the file was born tells the two apart.
    [Fact]
    public void Check_AnotherFileInItsPlaceOfTheSameSizeAndTime_RunsAgain()
    {
        Check("exit 0");
        var other = ModelPath + ".new";
        File.WriteAllText(other, "y");
        File.SetLastWriteTimeUtc(other, File.GetLastWriteTimeUtc(ModelPath));
        File.Move(other, ModelPath, overwrite: true);
        Check("exit 0");

        Assert.Equal(2, RunCount);
    }

    [Fact]
    public void Check_ChildThatHangs_IsKilledAtTheLimit()
    {
        var error = Assert.Throws<ModelLoadException>(() => Check("exec tail -f /dev/null", limit: TimeSpan.FromMilliseconds(200)));

        Assert.Contains("longer than", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_ChildThatPrintsMuch_KeepsALittle()
    {
        var error = Assert.Throws<ModelLoadException>(() => Check("head -c 1000000 /dev/zero | tr '\\0' e >&2; head -c 1000000 /dev/zero; exit 3"));

        Assert.Equal(2000, error.Message.Length);
    }

    [Fact]
    public void Check_Child_SeesNoFurtherVariables()
    {
        Environment.SetEnvironmentVariable("MODEL_RUNNER_TEST_SECRET", "s");

        Check("test -z \"$MODEL_RUNNER_TEST_SECRET\" && test -n \"$PATH\"");
    }

    [Fact]
    public void Check_Cancelled_EndsTheChild()
    {
        using var cancel = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));

        Assert.ThrowsAny<OperationCanceledException>(() => Check("exec tail -f /dev/null", cancel: cancel));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private void Check(string script, string version = "1", TimeSpan? limit = null, CancellationTokenSource? cancel = null)
    {
        using var probe = new ProcessModelProbe(
            new ProbeOptions
            {
                Command = ["/bin/sh", "-c", $"echo run >> '{Runs}'; {script}", "probe"],
                CacheFolder = Path.Combine(_folder, "cache"),
                GetVersion = _ => version,
                TimeLimit = limit ?? TimeSpan.FromMinutes(1),
            },
            NullLogger<ProcessModelProbe>.Instance);
        probe.Check(
            "llama.cpp",
            new ModelBundle { Name = "m", Formats = ModelFormat.Gguf, GgufPath = ModelPath },
            cancel?.Token ?? TestContext.Current.CancellationToken);
    }
}
