using ModelRunner.Server.Requests;

namespace ModelRunner.Server.Tests.Requests;

public sealed class GoDurationTests
{
    [Theory]
    [InlineData("5m", 300)]
    [InlineData("1h30m", 5400)]
    [InlineData("90", 90)]
    [InlineData("1.5s", 1.5)]
    [InlineData("500ms", 0.5)]
    [InlineData("0", 0)]
    [InlineData("1m0.5s", 60.5)]
    public void Parse_OfATime_GivesIt(string text, double seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), GoDuration.Parse(text));

    [Theory]
    [InlineData("-1")]
    [InlineData("-5m")]
    public void Parse_OfANegativeTime_IsForEver(string text) => Assert.Equal(Timeout.InfiniteTimeSpan, GoDuration.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("-")]
    [InlineData("m")]
    [InlineData("5x")]
    [InlineData("5m3")]
    [InlineData("1e9h")]
    [InlineData("99999999h")]
    [InlineData("5 m")]
    public void Parse_OfAnythingElse_IsNothing(string text) => Assert.Null(GoDuration.Parse(text));

    [Theory]
    [InlineData(300, "5m0s")]
    [InlineData(90, "1m30s")]
    [InlineData(3600, "1h0m0s")]
    [InlineData(0, "0s")]
    [InlineData(1.5, "1.5s")]
    public void Format_OfATime_IsAsGoPrintsIt(double seconds, string text) =>
        Assert.Equal(text, GoDuration.Format(TimeSpan.FromSeconds(seconds)));
}
