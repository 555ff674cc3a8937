using ModelRunner.Abstractions.Requests;
using ModelRunner.Abstractions.Tokens;
using ModelRunner.Generation.Constraints;
using ModelRunner.Testing;

namespace ModelRunner.Generation.Tests.Constraints;

public sealed class ReasoningBudgetTests
{
    private const int Close = ByteTokenizer.End + 2;

    private static readonly ConstraintPreamble Preamble = new("<think>", "</think>", IsOpen: true, []) { TokenBudget = 3 };

    private readonly ByteTokenizer _tokenizer = new("<think>", "</think>");

    [Fact]
    public void ForcedTokens_AtTheBudget_AreTheClosingMarker()
    {
        var budget = Create(Preamble);
        Accept(budget, "ab");
        Assert.True(budget.ForcedTokens.IsEmpty);
        Accept(budget, "c");

        Assert.Equal([Close], budget.ForcedTokens.ToArray());
        Assert.Equal([Close], Allowed(budget));
        Assert.False(budget.CanEnd && budget.Clone().Accept('x'));
        Assert.True(budget.Accept(Close));
        Assert.True(budget.ForcedTokens.IsEmpty);
        Assert.Equal(_tokenizer.VocabularySize, Allowed(budget).Length);
    }

    [Fact]
    public void ForcedTokens_ReasoningThatEndedByItself_AreNone()
    {
        var budget = Create(Preamble);
        Assert.True(budget.Accept('a'));
        Assert.True(budget.Accept(Close));
        Accept(budget, "any number of letters");

        Assert.True(budget.ForcedTokens.IsEmpty);
    }

    [Theory]
    [InlineData("<think>abc", true)]
    [InlineData(" \n<think>abc", true)]
    [InlineData("<thin abc def", false)]
    [InlineData("abc <think> def", false)]
    public void ForcedTokens_ReasoningOfTheModel_CountFromItsOpening(string text, bool isForced)
    {
        var budget = Create(Preamble with { IsOpen = false });
        Accept(budget, text);

        Assert.Equal(isForced, !budget.ForcedTokens.IsEmpty);
    }

    [Fact]
    public void ForcedTokens_InTheMiddleOfACharacter_WaitForItsEnd()
    {
        var budget = Create(Preamble);
        foreach (var value in new byte[] { (byte)'a', (byte)'b', 0xF0, 0x9F, 0x8E })
        {
            Assert.True(budget.Accept(value));
            Assert.True(budget.ForcedTokens.IsEmpty);
        }

        Assert.True(budget.Accept(0x89));
        Assert.Equal([Close], budget.ForcedTokens.ToArray());
    }

    [Fact]
    public void ForcedTokens_MarkerOfSeveralTokens_ComeOneAfterTheOther()
    {
        var tokenizer = new ByteTokenizer();
        var budget = new ReasoningBudget(tokenizer, Preamble with { TokenBudget = 0 }, null);
        foreach (var value in "</think>"u8)
        {
            Assert.Equal(value, budget.ForcedTokens[0]);
            Assert.False(budget.Accept('x'));
            Assert.True(budget.Accept(value));
        }

        Assert.True(budget.ForcedTokens.IsEmpty);
        budget.Rollback(2);
        Assert.Equal((int)'k', budget.ForcedTokens[0]);
    }

    [Fact]
    public void Compile_BudgetBeforeASchema_BindsBoth()
    {
        var compiler = new GrammarConstraintCompiler(_tokenizer);
        var visible = new Dictionary<int, ReadOnlyMemory<byte>> { [Close - 1] = "<think>"u8.ToArray(), [Close] = "</think>"u8.ToArray() };
        var constraint = compiler.Compile(
            new ConstraintSpecification(ConstraintKind.Choice, JsonText.From("""["yes","no"]""")) { Preamble = Preamble }, visible);
        Accept(constraint, "abc");
        Assert.Equal([Close], constraint.ForcedTokens.ToArray());
        Assert.True(constraint.Accept(Close));
        Accept(constraint, "ye");

        Assert.Equal('s', constraint.ForcedTokens[0]);
        Assert.False(constraint.CanEnd);
    }

    private ReasoningBudget Create(ConstraintPreamble preamble)
    {
        var visible = new Dictionary<int, ReadOnlyMemory<byte>> { [Close - 1] = "<think>"u8.ToArray(), [Close] = "</think>"u8.ToArray() };
        return new ReasoningBudget(new MarkerTokenizer(_tokenizer, visible), preamble, null);
    }

    private static void Accept(ITokenConstraint constraint, string text)
    {
        foreach (var letter in text)
            Assert.True(constraint.Accept(letter));
    }

    private int[] Allowed(ReasoningBudget constraint)
    {
        var mask = new ulong[(_tokenizer.VocabularySize + 63) / 64];
        constraint.FillMask(mask);
        return [.. Enumerable.Range(0, mask.Length * 64).Where(token => (mask[token / 64] >> (token % 64) & 1) != 0)];
    }
}
