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
}
