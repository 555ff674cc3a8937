using ModelRunner.Abstractions.Errors;
using ModelRunner.Abstractions.Requests;

namespace ModelRunner.Grammars.Tests;

public sealed class CompiledGrammarTests
{
    [Fact]
    public void CreateConstraint_WrittenTextThatCostsTooMuch_IsTheClientsError()
    {
        var grammar = Grammars.Compile(ConstraintKind.Regex, "a[b-y]{3}z", limits: new GrammarLimits { StepsPerToken = 1 });

        Assert.Throws<InvalidRequestException>(() => grammar.CreateConstraint("abcd"));
    }

    [Theory]
    [InlineData("ab", 'c', 'a')]
    [InlineData("xy", 'a', 'b')]
    public void CreateConstraint_WrittenText_IsLeftOutWhereTheGrammarHasNone(string written, char next, char other)
    {
        var constraint = Grammars.Compile(ConstraintKind.Regex, "abc").CreateConstraint(written);

        Assert.False(constraint.Accept(other));
        Assert.True(constraint.Accept(next));
    }
}
