using System.Text.Json;
using ModelRunner.Abstractions.Errors;
using ModelRunner.Testing;

namespace ModelRunner.Grammars.Tests.Schema;

/// <summary>Cases written down from the specification: what each keyword means, for the oracle and for the compiler.</summary>
public sealed class SpecificationTests
{
    private static readonly JsonElement Cases = Read();

    public static TheoryData<int> Numbers => [.. Enumerable.Range(0, Cases.GetArrayLength())];

    [Theory]
    [MemberData(nameof(Numbers))]
    public void Validator_OfAKeyword_JudgesAsTheSpecification(int number) =>
        Judge(number, JsonSchemaValidator.IsValid);

    [Theory]
    [MemberData(nameof(Numbers))]
    public void Grammar_OfAKeyword_AcceptsAsTheSpecification(int number)
    {
        // What no value satisfies is refused as a whole: a model could write nothing.
        if (Cases[number].GetProperty("valid").GetArrayLength() == 0)
            Assert.Contains(
                "no value satisfies",
                Assert.Throws<InvalidRequestException>(() => Grammars.Schema(Cases[number].GetProperty("schema").GetRawText())).Message,
                StringComparison.Ordinal);
        else
            Judge(number, static (schema, text) => Grammars.Schema(schema, Grammars.EverySpelling).Accepts(text));
    }

    private static void Judge(int number, Func<string, string, bool> accepts)
    {
        var item = Cases[number];
        var schema = item.GetProperty("schema").GetRawText();
        foreach (var text in item.GetProperty("valid").EnumerateArray())
            Assert.True(accepts(schema, text.GetString()!), $"{item.GetProperty("keyword")}: {text} is valid");
        foreach (var text in item.GetProperty("invalid").EnumerateArray())
            Assert.False(accepts(schema, text.GetString()!), $"{item.GetProperty("keyword")}: {text} is invalid");
    }

    private static JsonElement Read()
    {
        using var stream = typeof(SpecificationTests).Assembly.GetManifestResourceStream("ModelRunner.Grammars.Tests.Schema.cases.json")!;
        using var document = JsonDocument.Parse(stream);
        return document.RootElement.Clone();
    }
}
