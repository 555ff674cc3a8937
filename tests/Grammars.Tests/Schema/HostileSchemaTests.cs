using System.Text.Json.Nodes;
using ModelRunner.Abstractions.Errors;
using ModelRunner.Testing;

namespace ModelRunner.Grammars.Tests.Schema;

public sealed class HostileSchemaTests
{
    private static readonly string[] Words =
    [
        "type", "$ref", "allOf", "anyOf", "oneOf", "not", "if", "then", "properties", "required", "items", "prefixItems", "minItems", "contains",
        "uniqueItems", "pattern", "format", "enum", "const", "minLength", "maxLength", "minimum", "multipleOf", "additionalProperties",
        "patternProperties", "propertyNames", "dependencies", "dependentRequired", "unevaluatedProperties", "$id", "$schema", "$defs",
    ];

    public static TheoryData<string, string> Refused => new()
    {
        { """{"properties":{"a":{"$ref":"#/definitions/no"}}}""", "'$ref' at '#/properties/a'" },
        { """{"$ref":"https://example.com/schema"}""", "https://example.com/schema" },
        { """{"type":"thing"}""", "thing" },
        { """{"type":"string","pattern":"("}""", "'pattern' at '#'" },
        { """{"properties":{"x":{"items":{"pattern":"(a)\\1"}}}}""", "'pattern' at '#/properties/x/items'" },
        { """{"required":"a"}""", "'required' at '#'" },
        { """{"properties":[]}""", "'properties' at '#'" },
        { """{"minItems":-1}""", "'minItems' at '#'" },
        { """{"allOf":[{"type":"string"},{"type":"number"}]}""", "no value satisfies" },
        { """{"type":"object","properties":{"a":{"$ref":"#"}},"required":["a"]}""", "no value satisfies" },
        { """{"type":"array","uniqueItems":true}""", "'uniqueItems' at '#'" },
        { """{"not":{"propertyNames":{"maxLength":2}}}""", "'propertyNames' at '#/not'" },
        { """{"$ref":"#"}""", "'$ref' at '#'" },
        { "5", "schema" },
        { "{\"enum\":[\"\\ud800\"]}", "surrogate" },
        { "{\"required\":[\"\\udc00\"]}", "surrogate" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void Schema_ThatCannotBeHonoured_IsRefusedByKeywordAndPointer(string schema, string named)
    {
        var exception = Assert.Throws<InvalidRequestException>(() => Grammars.Schema(schema));

        Assert.Contains(named, exception.Message, StringComparison.Ordinal);
        Assert.Equal("test", exception.Parameter);
    }

    [Theory]
    [InlineData("""{"pattern":"^(([a-z]*)*)*$","minLength":500000000}""")]
    [InlineData("""{"pattern":"(.*a.{40}.*){10}b","not":{"pattern":"(.*b.{30}.*){9}c"}}""")]
    [InlineData("""{"type":"array","minItems":900000000,"maxItems":900000001,"items":{"type":"integer"}}""")]
    [InlineData("""{"type":"array","contains":{"const":1},"minContains":900000000}""")]
    [InlineData("""{"type":"number","multipleOf":0.000000000001,"minimum":1e308}""")]
    [InlineData("""{"type":"object","minProperties":900000000}""")]
    public void Schema_ThatIsHuge_IsCompiledOrRefused(string schema) => CompileAndStart(schema);

    [Fact]
    public void Schema_WithExplodingBranches_IsRefused()
    {
        var all = string.Join(',', Enumerable.Range(0, 12).Select(i =>
            "{\"anyOf\":[" + string.Join(',', Enumerable.Range(0, 8).Select(j => $"{{\"properties\":{{\"p{i}\":{{\"const\":{j}}}}}}}")) + "]}"));

        Assert.Throws<InvalidRequestException>(() => Grammars.Schema("{\"type\":\"object\",\"allOf\":[" + all + "]}"));
    }

    [Fact]
    public void Schema_NestedDeeply_IsCompiledOrRefused()
    {
        CompileAndStart(string.Concat(Enumerable.Repeat("{\"items\":", 200)) + "{}" + new string('}', 200));
        CompileAndStart(string.Concat(Enumerable.Repeat("{\"not\":", 2_000)) + "{}" + new string('}', 2_000));
        CompileAndStart("{\"pattern\":\"" + new string('(', 5_000) + new string(')', 5_000) + "\"}");
    }

    [Theory]
    [InlineData("(?:", "a", ")")]
    [InlineData("^(?:", "a", ")b$")]
    [InlineData("^(?:", "a?", ")$")]
    [InlineData("^(?:(?:", "a", ")*)$")]
    [InlineData("^(?:(?:", "a", "){2,3})$")]
    [InlineData("", "a", "")]
    [InlineData("", "^", "")]
    [InlineData("", "a|", "b")]
    public void Schema_WithAPatternLongerThanTheStack_FailsAloneIfAtAll(string start, string part, string end)
    {
        // Regression: the recursion along such a pattern ended the process.
        var pattern = start + string.Concat(Enumerable.Repeat(part, 10_000)) + end;
        var error = SmallStack.Run(() => CompileAndStart($$"""{"type":"string","pattern":"{{pattern}}"}"""));

        Assert.True(error is null or GenerationException, error?.Message);
    }

    [Fact]
    public void Schema_OfRandomKeywords_IsCompiledOrRefused()
    {
        for (var i = 0; i < Campaign.Count(1_500, 100_000); i++)
        {
            var random = new Random(i);
            CompileAndStart((Noise(random, 4) ?? JsonValue.Create(true)).ToJsonString());
        }
    }

    private static void CompileAndStart(string schema)
    {
        try
        {
            var constraint = Grammars.Schema(schema).CreateConstraint();
            var mask = new ulong[Grammars.Vocabulary.MaskLength];
            constraint.FillMask(mask);
            Assert.Contains(mask, static word => word != 0);
        }
        catch (InvalidRequestException exception)
        {
            Assert.Equal("test", exception.Parameter);
        }
    }

    private static JsonNode? Noise(Random random, int depth)
    {
        if (depth == 0 || random.Next(5) == 0)
        {
            return random.Next(8) switch
            {
                0 => null,
                1 => JsonValue.Create(random.Next(-2, 5)),
                2 => JsonValue.Create(random.Next(2) == 0),
                3 => JsonValue.Create("#/" + Words[random.Next(Words.Length)]),
                4 => JsonValue.Create("#"),
                5 => JsonValue.Create("object"),
                6 => JsonValue.Create("[a-c]+$"),
                _ => new JsonArray("a", "b"),
            };
        }

        if (random.Next(4) == 0)
            return new JsonArray([.. Enumerable.Range(0, random.Next(3)).Select(_ => Noise(random, depth - 1))]);

        var result = new JsonObject();
        for (var i = random.Next(4); i >= 0; i--)
            result[Words[random.Next(Words.Length)]] = Noise(random, depth - 1);

        return result;
    }
}
