using System.CommandLine;
using ModelRunner.Cli.Http;
using ModelRunner.Cli.Terminal;
using ModelRunner.Testing;
using ModelRunner.Wire.Dmr;

namespace ModelRunner.Cli.Tests.Terminal;

public sealed class ProgressBarTests : IDisposable
{
    private const long Total = 1000L << 20;
    private readonly StringWriter _screen = new();
    private readonly ManualClock _clock = new();

    [Fact]
    public void Bar_OfSeveralLayers_ShowsTheirSumTheRateAndTheTime()
    {
        var bar = new ProgressBar(_screen, isShown: true, _clock);

        bar.Show(Line("a", 0));
        _clock.Advance(TimeSpan.FromSeconds(2));
        bar.Show(Line("a", 100L << 20));
        _clock.Advance(TimeSpan.FromSeconds(2));
        bar.Show(Line("b", 100L << 20));
        bar.End();

        Assert.Equal("[##............]  20%  200.0 MiB of 1000.0 MiB  50.0 MiB/s  00:00:16", Lines()[^1].TrimEnd());
    }

    [Fact]
    public void Bar_WithTheLongestNumbers_FitsATerminal()
    {
        var bar = new ProgressBar(_screen, isShown: true, _clock, "convert");

        bar.Show(0, Total);
        _clock.Advance(TimeSpan.FromSeconds(1));
        bar.Show(Total, Total);

        Assert.All(Lines(), line => Assert.InRange(line.Length, 1, 79));
        Assert.StartsWith("convert [##############] 100%", Lines()[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void Bar_ThatIsToldAllTheTime_ShowsTenOfASecondAndTheLast()
    {
        var bar = new ProgressBar(_screen, isShown: true, _clock);
        for (var part = 0; part < 1000; part++)
        {
            bar.Show(part << 20, Total);
            _clock.Advance(TimeSpan.FromMilliseconds(1));
        }

        bar.Show(Total, Total);

        Assert.InRange(Lines().Length, 10, 12);
        Assert.Contains("100%", Lines()[^1], StringComparison.Ordinal);
    }

    // 26 hours were shown as two.
    [Fact]
    public void Bar_OfMoreThanADay_ShowsAllHours()
    {
        var bar = new ProgressBar(_screen, isShown: true, _clock);

        bar.Show(0, Total);
        _clock.Advance(TimeSpan.FromHours(26));
        bar.Show(Total / 2, Total);

        Assert.EndsWith("  26:00:00", Lines()[^1], StringComparison.Ordinal);
    }

    // What fails has a message, which would stand behind the bar.
    [Fact]
    public void Bar_ThatIsLeft_EndsItsLineOnce()
    {
        using (var bar = new ProgressBar(_screen, isShown: true, _clock))
        {
            bar.Show(1, 2);
            bar.End();
            bar.Show(2, 2);
        }

        Assert.All(Lines(), line => Assert.EndsWith(Environment.NewLine, line, StringComparison.Ordinal));
        Assert.Equal(2, Lines().Length);
    }

    [Fact]
    public async Task Transfer_WithAWarning_WritesItOntoALineOfItsOwn()
    {
        await using var server = new OneAnswerServer(OneAnswerServer.Json("""
            {"type":"progress","message":"","total":2,"layer":{"id":"a","size":2,"current":1},"mode":"fsck"}
            {"type":"warning","message":"this is wrong","total":0,"layer":{"id":"a","size":0,"current":0},"mode":"fsck"}
            {"type":"success","message":"done","total":0,"layer":{"size":0,"current":0},"mode":"fsck"}
            """));
        using var client = new RunnerClient(name => name == "MODEL_RUNNER_HOST" ? server.Host : null);
        var command = new Command("test");
        command.SetAction((result, cancellation) => Transfers.RunAsync(
            client, result, "models/fsck", null, isJson: false, cancellation, new ProgressBar(_screen, isShown: true, _clock)));

        await command.Parse([]).InvokeAsync(new InvocationConfiguration { Error = _screen }, TestContext.Current.CancellationToken);

        Assert.Contains($"{Environment.NewLine}warning: this is wrong{Environment.NewLine}", _screen.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Bar_ThatNobodySees_IsSilent()
    {
        var bar = new ProgressBar(_screen, isShown: false, _clock);
        bar.Show(Line("a", 5));
        bar.Show(5, 10);
        bar.End();

        Assert.Equal("", _screen.ToString());
    }

    public void Dispose() => _screen.Dispose();

    private static ProgressMessage Line(string layer, long current) => new("progress", "", Total, new ProgressLayer(layer, Total / 2, current), "pull");

    private string[] Lines() => _screen.ToString().Split("\r\u001b[K", StringSplitOptions.RemoveEmptyEntries);
}
