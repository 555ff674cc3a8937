using System.Text;
using ModelRunner.Abstractions.Errors;
using ModelRunner.Abstractions.Requests;
using ModelRunner.Grammars.Masks;

namespace ModelRunner.Grammars.Tests.Languages;

/// <summary>Free text with parts in it, and what may stand before a grammar.</summary>
public sealed class PartsTests
{
    private const string Object = """{"schema":{"type":"object","properties":{"a":{"type":"integer"}},"required":["a"],"additionalProperties":false}}""";

    private static readonly ConstraintPreamble Think = new("<think>", "</think>", IsOpen: false, []);

    [Theory]
    [InlineData("Hello \"you\".", true)]
    [InlineData("", true)]
    [InlineData("So: <call>{\"a\": 1}</call> done.", true)]
    [InlineData("<call>{\"a\": 1}</call><call>{\"a\": 2}</call>", true)]
    [InlineData("a < b <cal", true)]
    [InlineData("<call>{\"a\": \"x\"}</call>", false)]
    [InlineData("So: <call>text", false)]
    [InlineData("<call>{\"a\": 1}", false)]
    public void Parts_InFreeText_FollowTheirSchema(string text, bool expected) =>
        Assert.Equal(expected, Parts("").Accepts(text));

    [Theory]
    [InlineData("<call>{\"a\": 1}</call>", true)]
    [InlineData("<call>{\"a\": 1}</call>\n<call>{\"a\": 1}</call>", true)]
    [InlineData("<call>{\"a\": 1}</call> done", false)]
    [InlineData("Hello", false)]
    [InlineData("", false)]
    public void Parts_Required_ComeAlone(string text, bool expected) =>
        Assert.Equal(expected, Parts(",\"required\":true").Accepts(text));

    [Theory]
    [InlineData("<call>{\"a\": 1}</call>", true)]
    [InlineData("<call>{\"a\": 1}</call><call>{\"a\": 1}</call>", false)]
    public void Parts_RequiredOnce_ComeOnce(string text, bool expected) =>
        Assert.Equal(expected, Parts(",\"required\":true,\"once\":true").Accepts(text));

    [Theory]
    [InlineData("<call>{\"a\": 1}</call>", true)]
    [InlineData("  <call>x", false)]
    [InlineData("No <call>x", true)]
    [InlineData("", true)]
    public void Parts_First_BeginTheTextOrDoNotCome(string text, bool expected) =>
        Assert.Equal(expected, Parts(",\"first\":true").Accepts(text));

    [Theory]
    [InlineData("<call>{\"a\": 1}</call>", true)]
    [InlineData("true", true)]
    [InlineData("text", false)]
    public void Parts_WithContent_AreTheOtherChoice(string text, bool expected) =>
        Assert.Equal(expected, Parts(",\"content\":{\"schema\":{\"type\":\"boolean\"}}").Accepts(text));

    [Theory]
    [InlineData("{\"until\":\"</v>\"}", "a <b> \"c\"</v>", true)]
    [InlineData("{\"until\":\"</v>\"}", "a</v>b</v>", false)]
    [InlineData("{\"until\":\"</v>\",\"choices\":[\"on\",\"off\"],\"padded\":true}", "\non\n</v>", true)]
    [InlineData("{\"until\":\"</v>\",\"choices\":[\"on\",\"off\"]}", "none</v>", false)]
    [InlineData("{\"until\":\"</v>\",\"pattern\":\"^a+$\",\"maxLength\":3}", "aaa</v>", true)]
    [InlineData("{\"until\":\"</v>\",\"pattern\":\"^a+$\",\"maxLength\":3}", "aaaa</v>", false)]
    [InlineData("{\"until\":\"</v>\",\"format\":\"date\"}", "2026-02-30</v>", false)]
    [InlineData("{\"some\":\"a\",\"between\":\", \"}", "a, a, a", true)]
    [InlineData("{\"some\":\"a\",\"between\":\", \"}", "a, ", false)]
    [InlineData("[{\"maybe\":\"a\"},{\"any\":[\"b\",\"\"]},{\"pattern\":\"c?\"}]", "bc", true)]
    [InlineData("[{\"maybe\":\"a\"},{\"any\":[\"b\",\"\"]},{\"pattern\":\"c?\"}]", "", true)]
    [InlineData("[{\"maybe\":\"a\"},{\"any\":[\"b\",\"\"]},{\"pattern\":\"c?\"}]", "ba", false)]
    public void Rest_OfEachKind_IsFollowed(string rest, string text, bool expected) =>
        Assert.Equal(expected, Compile($$"""{"begin":"!","rest":{{rest}},"required":true,"once":true}""").Accepts("!" + text));

    [Fact]
    public void Schema_ThatCannotBeHonoured_NamesItsFieldUnlessAnObjectWillDo()
    {
        const string Refused = """{"schema":{"$ref":"#/nowhere"},"parameter":"tools[0]","orAny":false}""";

        Assert.Equal("tools[0]", Assert.Throws<InvalidRequestException>(() => Compile($$"""{"begin":"!","rest":{{Refused}}}""")).Parameter);
        Assert.True(Compile($$"""{"begin":"!","rest":{{Refused.Replace("false", "true", StringComparison.Ordinal)}}}""").Accepts("!{\"x\": []}"));
    }

    [Theory]
    [InlineData("{\"a\": 1}", true)]
    [InlineData("<think>any } \" text</think>\n\n{\"a\": 1}", true)]
    [InlineData("\n<think></think>{\"a\": 1}", true)]
    [InlineData("<think>any text", false)]
    [InlineData("<think>x</think>{\"a\": 1}</think>", false)]
    [InlineData("Well: {\"a\": 1}", false)]
    public void Preamble_OfReasoning_IsFreeAndTheGrammarFollows(string text, bool expected) =>
        Assert.Equal(expected, Behind(Think).Accepts(text));

    [Theory]
    [InlineData("{\"a\": 1}", false)]
    [InlineData("{\"a\": 1}</think>{\"a\": 2}", true)]
    public void Preamble_OpenedByThePrompt_MustBeClosed(string text, bool expected) =>
        Assert.Equal(expected, Behind(Think with { IsOpen = true }).Accepts(text));

    [Theory]
    [InlineData("[analysis]Hm.[end][start][final]{\"a\": 1}", true)]
    [InlineData("[final]{\"a\": 1}", true)]
    [InlineData("[final][analysis]Hm.[end]{\"a\": 1}", true)]
    [InlineData("[analysis]Hm.[final]{\"a\": 1}", false)]
    public void Preamble_WithMarkers_LetsThemCome(string text, bool expected) =>
        Assert.Equal(expected, Behind(new ConstraintPreamble("[analysis]", "[end]", false, ["[start]", "[final]"])).Accepts(text));

    [Theory]
    [InlineData(ConstraintKind.Regex, "\"a+\"", "<think>b</think>aa", true)]
    [InlineData(ConstraintKind.Gbnf, "\"root ::= [a-z]+\"", "<think>B</think>aa", true)]
    [InlineData(ConstraintKind.Lark, "\"start: /[a-z]+/\"", "<think>B</think>aA", false)]
    [InlineData(ConstraintKind.Choice, "[\"yes\",\"no\"]", "<think>maybe</think> no", true)]
    [InlineData(ConstraintKind.Free, "\"\"", "<think>maybe</think> no", true)]
    public void Preamble_BeforeEachKind_IsTheSame(ConstraintKind kind, string source, string text, bool expected) =>
        Assert.Equal(expected, new GrammarCompiler(Grammars.Vocabulary)
            .Compile(new ConstraintSpecification(kind, JsonText.From(source)) { Preamble = Think }).Accepts(text));

    /// <summary>Texts whose beginnings lead through all states that matter.</summary>
    public static TheoryData<string, string, bool> Paths => new()
    {
        { "", "So: <cal <call>{\"a\": 12}</call> a\n<call>{\"a\": -1}</call>", false },
        { ",\"required\":true", "<call>{\"a\": 1}</call>\n<call>", false },
        { ",\"first\":true", " \n<call>{\"a\": 1}", false },
        { "", "<think>é <call> </thin </think>\n<call>{\"a\"", true },
        { ",\"content\":{\"schema\":{\"type\":\"string\"}}", "<think>\"</think> \"日", true },
    };

    [Theory]
    [MemberData(nameof(Paths))]
    public void FillMask_AlongAText_EqualsTryingEveryToken(string settings, string text, bool hasPreamble)
    {
        // Markers are tokens of their own here, as control tokens that show are.
        var tokenizer = new ByteVocabulary([.. ByteVocabulary.JsonPieces, "<call>", "</call>", "<think>", "</think>", "</think>\n", "<call>{", "> <", "l>x"]);
        var grammar = new GrammarCompiler(new TokenVocabulary(tokenizer)).Compile(
            new ConstraintSpecification(ConstraintKind.Parts, JsonText.From(Source(settings))) { Preamble = hasPreamble ? Think : null });
        var constraint = grammar.CreateConstraint();
        var mask = new ulong[(tokenizer.VocabularySize + 63) / 64];
        foreach (var value in Encoding.UTF8.GetBytes(text))
        {
            constraint.FillMask(mask);
            for (var token = 0; token < tokenizer.VocabularySize; token++)
                Assert.True(constraint.Clone().Accept(token) == ((mask[token / 64] >> (token % 64) & 1) != 0), $"token {token} before '{(char)value}'");

            Assert.True(constraint.Accept(value), $"'{(char)value}'");
        }
    }

    private static string Source(string settings) => $$"""{"begin":"<call>","rest":[{{Object}},"</call>"]{{settings}}}""";

    private static CompiledGrammar Parts(string settings) => Compile(Source(settings));

    private static CompiledGrammar Compile(string source) => Grammars.Compile(ConstraintKind.Parts, source);

    private static CompiledGrammar Behind(ConstraintPreamble preamble) => new GrammarCompiler(Grammars.Vocabulary).Compile(
        new ConstraintSpecification(ConstraintKind.JsonSchema, JsonText.From("""{"type":"object","properties":{"a":{"type":"integer"}},"additionalProperties":false}"""))
        {
            Preamble = preamble,
        });
}
