using System.Text.Json;
using ModelRunner.Abstractions.Errors;
using ModelRunner.Testing;

namespace ModelRunner.Grammars.Tests.Schema;

public sealed class RandomSchemaTests
{
    private const int Seed = 20250;

    [Fact]
    public void Walk_AlongMasks_EndsInAValidInstance()
    {
        var compiled = 0;
        var finished = 0;
        for (var i = 0; i < Campaign.Count(250, 20_000); i++)
        {
            var random = new Random(Seed + i);
            var schema = new RandomSchema(random).Next(3).ToJsonString();
            if (TryCompile(schema, null, i % 2 == 0) is not { } grammar)
                continue;

            compiled++;
            for (var walk = 0; walk < 3; walk++)
            {
                if (grammar.Walk(random, 300) is not { } text)
                    continue;

                finished++;
                Assert.True(JsonSchemaValidator.IsValid(schema, text), $"seed {Seed + i}: {schema}\n{text}");
            }
        }

        Assert.True(compiled > Campaign.Count(120, 10_000), $"only {compiled} compiled");
        Assert.True(finished > compiled, $"only {finished} walks of {compiled} grammars ended");
    }

    [Fact]
    public void Instance_InAnySpelling_IsAcceptedWhenValidAndRefusedOtherwise()
    {
        var valid = 0;
        for (var i = 0; i < Campaign.Count(300, 20_000); i++)
        {
            var random = new Random(Seed - i);
            var source = new RandomSchema(random);
            var schema = source.Next(3).ToJsonString();
            if (TryCompile(schema, Grammars.EverySpelling, false) is not { } grammar)
                continue;

            for (var j = 0; j < 8; j++)
            {
                var instance = JsonSerializer.SerializeToElement(source.Instance(3));
                var text = Spelling.Write(instance, random);
                var isValid = JsonSchemaValidator.IsValid(schema, text);
                valid += isValid ? 1 : 0;
                Assert.True(grammar.Accepts(text) == isValid, $"seed {Seed - i}: valid is {isValid}\n{schema}\n{text}");
            }
        }

        Assert.True(valid > 100, $"only {valid} were valid");
    }

    [Fact]
    public void Instance_UnderAnUnevaluatedKeyword_IsAcceptedExactlyWhenValid()
    {
        var (valid, compiled) = (0, 0);
        for (var i = 0; i < Campaign.Count(400, 20_000); i++)
        {
            var random = new Random(Seed + i);
            var source = new RandomSchema(random);
            var schema = source.Watched().ToJsonString();
            if (TryCompile(schema, Grammars.EverySpelling, false) is not { } grammar)
                continue;

            compiled++;
            for (var j = 0; j < 8; j++)
            {
                var text = source.Container().ToJsonString();
                var isValid = JsonSchemaValidator.IsValid(schema, text);
                valid += isValid ? 1 : 0;
                Assert.True(grammar.Accepts(text) == isValid, $"seed {Seed + i}: valid is {isValid}\n{schema}\n{text}");
            }
        }

        Assert.True(compiled > Campaign.Count(150, 8_000), $"only {compiled} compiled");
        Assert.True(valid > 100, $"only {valid} were valid");
    }

    [Fact]
    public void Mask_AtEachState_EqualsTryingEveryToken()
    {
        var tokenizer = new ByteVocabulary(ByteVocabulary.JsonPieces);
        var mask = new ulong[(tokenizer.VocabularySize + 63) / 64];
        for (var i = 0; i < Campaign.Count(60, 2_000); i++)
        {
            var random = new Random(Seed * 3 + i);
            if (TryCompile(new RandomSchema(random).Next(3).ToJsonString(), null, i % 2 == 0) is not { } grammar)
                continue;

            var constraint = grammar.CreateConstraint();
            for (var step = 0; step < 25; step++)
            {
                constraint.FillMask(mask);
                var allowed = new List<int>();
                for (var token = 0; token < tokenizer.VocabularySize; token++)
                {
                    var isIn = (mask[token / 64] >> (token % 64) & 1) != 0;
                    Assert.True(isIn == constraint.Clone().Accept(token), $"seed {Seed * 3 + i}, step {step}, token {token}");
                    if (isIn && token != tokenizer.EndOfSequence)
                        allowed.Add(token);
                }

                if (allowed.Count == 0)
                    break;
                Assert.True(constraint.Accept(allowed[random.Next(allowed.Count)]));
            }
        }
    }

    [Fact]
    public void Rollback_OfTokens_LeadsBackToTheSameMasks()
    {
        var grammar = Grammars.Schema("""{"type":"object","properties":{"a":{"type":"array","items":{"type":"number"}}},"required":["a"]}""");
        var constraint = grammar.CreateConstraint();
        var before = new ulong[Grammars.Vocabulary.MaskLength];
        var after = new ulong[Grammars.Vocabulary.MaskLength];
        foreach (var value in "{\"a\": [1"u8)
            Assert.True(constraint.Accept(value));

        constraint.FillMask(before);
        var clone = constraint.Clone();
        foreach (var value in "2, 3]}"u8)
            Assert.True(constraint.Accept(value));

        Assert.True(constraint.CanEnd);
        constraint.Rollback(6);
        constraint.FillMask(after);
        Assert.Equal(before, after);
        clone.FillMask(after);
        Assert.Equal(before, after);
        Assert.Throws<ArgumentOutOfRangeException>(() => constraint.Rollback(9));
    }

    private static CompiledGrammar? TryCompile(string schema, SchemaOptions? options, bool isStrict)
    {
        try
        {
            return Grammars.Schema(schema, options, isStrict);
        }
        catch (InvalidRequestException exception)
        {
            Assert.Equal("test", exception.Parameter);
            return null;
        }
    }
}
