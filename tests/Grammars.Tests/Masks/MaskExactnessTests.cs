using ModelRunner.Abstractions.Requests;
using ModelRunner.Abstractions.Tokens;
using ModelRunner.Grammars.Masks;
using ModelRunner.Testing;

namespace ModelRunner.Grammars.Tests.Masks;

/// <summary>Masks against what is accepted, over tokens that are long enough to come to a bound of a string.</summary>
public sealed class MaskExactnessTests
{
    private static readonly ByteVocabulary Tokenizer = new(
    [
        .. ByteVocabulary.JsonPieces,
        .. Enumerable.Range(2, 60).Select(static length => new string('a', length)),
        .. Enumerable.Range(1, 30).Select(static length => new string('a', length) + "\""),
        .. Enumerable.Range(1, 30).Select(static length => new string('a', length) + "\"}"),
        .. Enumerable.Range(1, 20).Select(static words => string.Concat(Enumerable.Repeat("a ", words))),
        .. Enumerable.Range(1, 20).Select(static words => string.Concat(Enumerable.Repeat(" ab", words)) + "\", \""),
        .. Enumerable.Range(1, 12).Select(static length => new string('é', length)),
        .. Enumerable.Range(1, 12).Select(static length => new string('日', length) + "x"),
        .. Enumerable.Range(1, 12).Select(static length => string.Concat(Enumerable.Repeat("\\n", length))),
        .. Enumerable.Range(8, 12).Select(static length => new string('7', length)),
        "\\u0061aaaaaaaaaaaaaaaaaaaaaaaa", "aaaaaaaaa\\", "aaaaaaaaa\\u00", "@example.com", "a@aaaaaaaaaaaaaaa.aa",
    ]);

    private static readonly string[] Strings =
    [
        """{"type":"string","maxLength":9}""",
        """{"type":"string","maxLength":30}""",
        """{"type":"string","minLength":3,"maxLength":24}""",
        """{"type":"string","minLength":12,"maxLength":40}""",
        """{"type":"string","maxLength":25,"pattern":"^(?:\\S+\\s+){0,9}\\S+$"}""",
        """{"type":"string","minLength":2,"maxLength":40,"pattern":"^(?:\\S+\\s+){0,12}\\S+$"}""",
        """{"type":"string","maxLength":60,"pattern":"^a{0,33}$|^[^a]+$"}""",
        """{"type":"string","maxLength":20,"pattern":"^a{12,15}é*$"}""",
        """{"type":"string","maxLength":36,"pattern":"^[ab ]+(é|日){9,14}x$"}""",
        """{"type":"string","maxLength":28,"format":"email"}""",
        """{"type":"string","maxLength":22,"not":{"enum":["aaaaaaaaa","aa"]}}""",
        """{"type":"string","pattern":"^(a{1,11} ){1,9}$"}""",
        """{"type":"string","minLength":10,"maxLength":10}""",
    ];

    public static TheoryData<string> Schemas =>
    [
        .. Strings,
        .. Strings.Select(static text => $$"""{"type":"array","items":{{text}},"uniqueItems":true,"maxItems":3}"""),
        .. Strings.Select(static text => $$"""{"type":"object","additionalProperties":{{text}},"properties":{"a":{"type":"string"},"ab":{{text}} } }"""),
        .. Strings.Select(static text => $$"""{"type":"object","propertyNames":{{text}},"additionalProperties":{"type":"integer"} }"""),
        """{"anyOf":[{"type":"string","maxLength":12},{"type":"string","pattern":"^b","maxLength":30},{"type":"array"}]}""",
    ];

    [Theory]
    [MemberData(nameof(Schemas))]
    public void Mask_OfEveryState_HasTheTokensThatAreAccepted(string schema)
    {
        var vocabulary = new TokenVocabulary(Tokenizer);
        var grammar = new GrammarCompiler(vocabulary).Compile(new ConstraintSpecification(ConstraintKind.JsonSchema, JsonText.From(schema)));
        var mask = new ulong[vocabulary.MaskLength];
        for (var walk = 0; walk < Campaign.Count(4, 200); walk++)
        {
            var random = new Random(walk);
            var constraint = grammar.CreateConstraint();
            for (var i = 0; i < 40; i++)
            {
                constraint.FillMask(mask);
                var allowed = Enumerable.Range(0, Tokenizer.VocabularySize).Where(token => (mask[token >> 6] >> (token & 63) & 1) != 0).ToArray();
                Assert.Equal(Enumerable.Range(0, Tokenizer.VocabularySize).Where(token => constraint.Clone().Accept(token)), allowed);
                if (allowed is [] or [var _] && constraint.CanEnd)
                    break;

                // Bytes lead to every place before a bound, longer tokens to it.
                var token = random.Next(3) == 0 ? allowed[^(1 + random.Next((allowed.Length + 1) / 2))] : allowed[random.Next(allowed.Length)];
                if (token != Tokenizer.EndOfSequence)
                    Assert.True(constraint.Accept(token));
            }
        }
    }
}
