using ModelRunner.Abstractions.Errors;
using ModelRunner.Abstractions.Requests;

namespace ModelRunner.Grammars.Tests.Languages;

public sealed class LanguageTests
{
    private const string Arithmetic = """
        root  ::= (expr "=" ws term "\n")+
        expr  ::= term ([-+*/] term)*
        term  ::= ident | num | "(" ws expr ")" ws
        ident ::= [a-z] [a-z0-9_]* ws
        num   ::= [0-9]+ ws
        ws    ::= [ \t\n]*
        """;

    private const string LarkArithmetic = """
        start: sum
        ?sum: product | sum "+" product -> add | sum "-" product
        ?product: atom | product "*" atom
        atom: NUMBER | "(" sum ")" | CALL "(" [sum ("," sum)*] ")"
        CALL: /[a-z]+/
        %import common.NUMBER
        %import common.WS_INLINE
        %ignore WS_INLINE // between terminals
        """;

    [Theory]
    [InlineData("x=1\n", true)]
    [InlineData("(a +2) *b=7\ny=2\n", true)]
    [InlineData("x=\n", false)]
    [InlineData("((x)=1\n", false)]
    public void Gbnf_OfArithmetic_AcceptsItsTexts(string text, bool expected) =>
        Assert.Equal(expected, Grammars.Compile(ConstraintKind.Gbnf, Arithmetic).Accepts(text));

    [Theory]
    [InlineData("1 + 2*(3-4)", true)]
    [InlineData("f(1, g(), 2)", true)]
    [InlineData("1 +", false)]
    [InlineData("(1", false)]
    public void Lark_OfArithmetic_AcceptsItsTexts(string text, bool expected) =>
        Assert.Equal(expected, Grammars.Compile(ConstraintKind.Lark, LarkArithmetic).Accepts(text));

    [Theory]
    [InlineData("root ::= \"a\" root \"b\" | \"\"", "aabb", true)]
    [InlineData("root ::= \"a\" root \"b\" | \"\"", "aab", false)]
    [InlineData("root ::= root \"x\" | \"y\"", "yxx", true)]
    [InlineData("root ::= a a a\na ::= \"z\"?", "zz", true)]
    [InlineData("root ::= [^\"]{2,3}", "é日", true)]
    [InlineData("root ::= \"\\x41\\u00e9\" . # comment", "Aé!", true)]
    [InlineData("root ::= list\nlist ::= \"[\" (list (\",\" list){0,2})? \"]\"", "[[],[[]]]", true)]
    [InlineData("root ::= list\nlist ::= \"[\" (list (\",\" list){0,1})? \"]\"", "[[],[],[]]", false)]
    public void Gbnf_OfRecursionAndRepetition_AcceptsItsTexts(string grammar, string text, bool expected) =>
        Assert.Equal(expected, Grammars.Compile(ConstraintKind.Gbnf, grammar).Accepts(text));

    [Theory]
    [InlineData("a ::= \"x\"", "root")]
    [InlineData("root ::= nothing", "nothing")]
    [InlineData("root ::= \"x", "line 1")]
    [InlineData("root ::= \"x\" root", "root")]
    [InlineData("root = \"x\"", "::=")]
    public void Gbnf_ThatIsWrong_IsRefusedByName(string grammar, string named) =>
        Assert.Contains(named, Assert.Throws<InvalidRequestException>(() => Grammars.Compile(ConstraintKind.Gbnf, grammar)).Message, StringComparison.Ordinal);

    [Fact]
    public void Choice_OfTexts_AcceptsThemAlone()
    {
        var grammar = Grammars.Compile(ConstraintKind.Choice, """["yes","no","nope"]""");

        Assert.True(grammar.Accepts("no"));
        Assert.True(grammar.Accepts("nope"));
        Assert.False(grammar.Accepts("nop"));
        Assert.False(grammar.Accepts(""));
    }

    [Fact]
    public void ForcedTokens_OfAStrictObject_SpellItsKeys()
    {
        var constraint = Grammars.Schema(
            """{"type":"object","properties":{"first":{"const":1}},"required":["first"],"additionalProperties":false}""", isStrict: true).CreateConstraint();
        foreach (var value in "{\"f"u8)
            Assert.True(constraint.Accept(value));

        var forced = constraint.ForcedTokens.ToArray();
        Assert.NotEmpty(forced);
        foreach (var token in forced)
        {
            Assert.Equal(token, constraint.ForcedTokens[0]);
            Assert.True(constraint.Accept(token));
        }
    }

    [Fact]
    public void ForcedTokens_BehindTheEnd_AreTheEnd()
    {
        var constraint = Grammars.Compile(ConstraintKind.Choice, """["a"]""").CreateConstraint();
        Assert.True(constraint.Accept('a'));

        Assert.Equal([Grammars.Vocabulary.MaskLength > 0 ? new ByteVocabulary(ByteVocabulary.JsonPieces).EndOfSequence : -1], constraint.ForcedTokens.ToArray());
    }
}
