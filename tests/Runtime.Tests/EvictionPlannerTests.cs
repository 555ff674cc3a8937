namespace ModelRunner.Runtime.Tests;

public sealed class EvictionPlannerTests
{
    private static readonly (string Model, long SizeInBytes, long LastUsed)[] Idle = [("new", 5, 30), ("old", 3, 10), ("middle", 4, 20)];

    [Theory]
    [InlineData(2, 2, "")]
    [InlineData(0, 0, "")]
    [InlineData(3, 2, "old")]
    [InlineData(5, 2, "old")]
    [InlineData(6, 2, "old,middle")]
    [InlineData(14, 2, "old,middle,new")]
    [InlineData(15, 2, null)]
    [InlineData(3, -1, "old,middle")]
    public void Choose_ForANeed_TakesTheOldestAndNoMore(long needed, long free, string? expected)
    {
        var chosen = EvictionPlanner.Choose(needed, free, Idle);

        Assert.Equal(expected, chosen is null ? null : string.Join(',', chosen));
    }
}
