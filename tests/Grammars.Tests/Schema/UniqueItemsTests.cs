using ModelRunner.Abstractions.Errors;

namespace ModelRunner.Grammars.Tests.Schema;

/// <summary>Items that must differ, where there are only so many values.</summary>
public sealed class UniqueItemsTests
{
    [Theory]
    [InlineData("""{"allOf":[{"type":"string","pattern":"^a"},{"enum":["a",1,"b"]}]}""", 1)]
    [InlineData("""{"enum":["a",1,true]}""", 3)]
    [InlineData("""{"type":"integer","minimum":1,"maximum":12}""", 12)]
    [InlineData("""{"type":["boolean","null"]}""", 3)]
    public void Array_OfMoreItemsThanThereAreValues_DoesNotBegin(string items, int values)
    {
        Assert.True(Begins(values));
        Assert.False(Begins(values + 1));

        bool Begins(int count) => Grammars
            .Schema($$"""{"anyOf":[{"type":"null"},{"type":"array","items":{{items}},"minItems":{{count}},"uniqueItems":true}]}""")
            .CreateConstraint()
            .Accept('[');
    }

    [Theory]
    [InlineData("[2.00\n]", true)]
    [InlineData("[1.0, true, 2, \"a\"]", true)]
    [InlineData("[2.0, 1, 2]", false)]
    [InlineData("[2, 2.00]", false)]
    [InlineData("[0, -0.0]", false)]
    public void Array_OfNumbersInOtherSpellings_ComparesValues(string text, bool isValid)
    {
        var grammar = Grammars.Schema("""{"type":"array","uniqueItems":true,"items":{"enum":["a",1,"b",true,2,0,-0.0]}}""", Grammars.EverySpelling);

        Assert.Equal(isValid, grammar.Accepts(text));
    }

    [Fact]
    public void Array_WithPlacesOfTheirOwn_CountsOnlyThoseBehind()
    {
        var grammar = Grammars.Schema("""{"type":"array","prefixItems":[{"const":1}],"items":{"const":2},"minItems":2,"uniqueItems":true}""");

        Assert.True(grammar.Accepts("[1, 2]"));
        Assert.False(grammar.Accepts("[1]"));
    }

    [Theory]
    [InlineData("""prefixItems":[{"const":10}],"items":{"enum":[10,20]}""", 2)]
    [InlineData("""prefixItems":[{"const":1},{"const":1}],"items":{"type":"integer"}""", 1)]
    [InlineData("""prefixItems":[{"enum":["x","y"]},{"const":"x"}],"items":{"enum":["y","z"]}""", 3)]
    [InlineData("""items":{"type":"string","pattern":"^[ab]$"}""", 2)]
    [InlineData("""items":{"type":"string","pattern":"^[\"\\\\\\n\u0001/]$"}""", 5)]
    [InlineData("""items":{"enum":["a","\u00e9",1,2.50,-0.5]}""", 5)]
    [InlineData("""items":{"type":"string","pattern":"^(?:ab){0,7}$"}""", 8)]
    public void Schema_WithFewerValuesThanItems_IsRefused(string items, int values)
    {
        // Regression: spellings were counted in place of values, and what came before the last items was left out.
        foreach (var options in new[] { SchemaOptions.Default, Grammars.EverySpelling })
        {
            Assert.NotNull(Grammars.Schema(Array(values), options));
            Assert.Contains("no value satisfies", Assert.Throws<InvalidRequestException>(() => Grammars.Schema(Array(values + 1), options)).Message, StringComparison.Ordinal);
        }

        string Array(int count) => $$"""{"type":"array","{{items}},"minItems":{{count}},"uniqueItems":true}""";
    }

    [Theory]
    [InlineData("^[ab]{5000}$", 1_000)]
    [InlineData("^a*$", 1_000)]
    [InlineData("x", 1_000_000)]
    public void Schema_WithValuesEnough_IsCompiled(string pattern, int count) => Assert.NotNull(
        Grammars.Schema($$"""{"type":"array","items":{"type":"string","pattern":"{{pattern}}"},"minItems":{{count}},"uniqueItems":true}"""));

    [Fact]
    public void Schema_OfOneValueTooLongForTheStack_IsRefused()
    {
        // Regression: running out of stack counted as strings without number.
        const string Schema = """{"type":"array","items":{"type":"string","pattern":"^a{10000}$"},"minItems":2,"uniqueItems":true}""";

        Assert.IsType<InvalidRequestException>(SmallStack.Run(() => Grammars.Schema(Schema)));
    }

    [Fact]
    public void Array_WithAVeryLongAlternative_GoesOn()
    {
        // Regression: asking whether strings are without number took as much stack as the pattern is long.
        var schema = $$"""{"type":"array","items":{"type":"string","pattern":"^(?:b|{{new string('a', 10_000)}})$"},"uniqueItems":true}""";

        Assert.Null(SmallStack.Run(() =>
        {
            var constraint = Grammars.Schema(schema).CreateConstraint();
            foreach (var letter in "[\"b\",")
                Assert.True(constraint.Accept(letter));
        }));
    }
}
