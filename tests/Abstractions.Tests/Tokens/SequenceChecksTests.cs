using ModelRunner.Abstractions.Tokens;

namespace ModelRunner.Abstractions.Tests.Tokens;

public sealed class SequenceChecksTests
{
    private static readonly int[] Lengths = [4, 0, 2];

    [Theory]
    [InlineData(0, 5, "length")]
    [InlineData(0, -1, "length")]
    [InlineData(3, 0, "sequence")]
    [InlineData(-1, 0, "sequence")]
    public void CheckTruncation_WhatCannotBe_NamesTheArgument(int sequence, int length, string argument) =>
        Assert.Equal(argument, Assert.Throws<ArgumentOutOfRangeException>(() => SequenceChecks.CheckTruncation(Lengths, sequence, length)).ParamName);

    [Theory]
    [InlineData(0, 1, 0, "length")]
    [InlineData(0, 1, 5, "length")]
    [InlineData(3, 1, 1, "source")]
    [InlineData(0, -1, 1, "target")]
    public void CheckCopy_OutOfRange_NamesTheArgument(int source, int target, int length, string argument) =>
        Assert.Equal(argument, Assert.Throws<ArgumentOutOfRangeException>(() => SequenceChecks.CheckCopy(Lengths, source, target, length)).ParamName);

    [Theory]
    [InlineData(0, 2, "not empty")]
    [InlineData(0, 0, "of itself")]
    [InlineData(1, 1, "of itself")]
    public void CheckCopy_TargetInUse_SaysWhy(int source, int target, string reason) =>
        Assert.Contains(reason, Assert.Throws<ArgumentException>(() => SequenceChecks.CheckCopy(Lengths, source, target, 1)).Message, StringComparison.Ordinal);

    [Fact]
    public void Checks_WhatCanBe_SayNothing()
    {
        SequenceChecks.CheckTruncation(Lengths, 0, 4);
        SequenceChecks.CheckTruncation(Lengths, 1, 0);
        SequenceChecks.CheckCopy(Lengths, 0, 1, 4);
    }
}
