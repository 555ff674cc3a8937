namespace ModelRunner.Grammars.Tests.Schema;

/// <summary>How a model may write numbers that the schema names.</summary>
public sealed class NumberSpellingTests
{
    [Theory]
    [InlineData("""{"enum":[2.0]}""", "2", true)]
    [InlineData("""{"enum":[2.0]}""", "2.0", true)]
    [InlineData("""{"enum":[2.0]}""", "2.00", false)]
    [InlineData("""{"const":1e2}""", "1e2", true)]
    [InlineData("""{"const":1e2}""", "100", true)]
    [InlineData("""{"const":1e2}""", "1e3", false)]
    [InlineData("""{"not":{"const":1.50}}""", "1.5", false)]
    [InlineData("""{"not":{"const":1.50}}""", "1.50", false)]
    public void NamedNumber_IsWrittenShortOrAsInTheSchema(string schema, string text, bool isAccepted) =>
        Assert.Equal(isAccepted, Grammars.Schema(schema).Accepts(text));
}
