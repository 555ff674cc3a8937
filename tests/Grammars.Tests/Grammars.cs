using System.Text;
using System.Text.Json;
using ModelRunner.Abstractions.Requests;
using ModelRunner.Abstractions.Tokens;
using ModelRunner.Grammars.Masks;

namespace ModelRunner.Grammars.Tests;

/// <summary>Compiling and following grammars in tests.</summary>
internal static class Grammars
{
    public static SchemaOptions EverySpelling { get; } = new() { AnyEscapes = true, AnyNumberForms = true, AnyWhitespace = true };

    public static TokenVocabulary Vocabulary { get; } = new(new ByteVocabulary(ByteVocabulary.JsonPieces));

    public static CompiledGrammar Compile(ConstraintKind kind, string text, SchemaOptions? options = null, bool isStrict = false, GrammarLimits? limits = null) =>
        new GrammarCompiler(Vocabulary, limits, options).Compile(
            new ConstraintSpecification(kind, JsonText.From(kind is ConstraintKind.JsonSchema or ConstraintKind.Choice or ConstraintKind.Parts ? text : JsonSerializer.Serialize(text)))
            {
                IsStrict = isStrict,
                Parameter = "test",
            });

    public static CompiledGrammar Schema(string schema, SchemaOptions? options = null, bool isStrict = false) =>
        Compile(ConstraintKind.JsonSchema, schema, options, isStrict);

    /// <summary>Whether the grammar has the whole text.</summary>
    public static bool Accepts(this CompiledGrammar grammar, string text)
    {
        var constraint = grammar.CreateConstraint();
        foreach (var value in Encoding.UTF8.GetBytes(text))
            if (!constraint.Accept(value))
                return false;

        return constraint.CanEnd;
    }

    /// <summary>Follows masks at random to an end, or null when the text has become too long.</summary>
    public static string? Walk(this CompiledGrammar grammar, Random random, int maxTokens)
    {
        var tokenizer = new ByteVocabulary(ByteVocabulary.JsonPieces);
        var constraint = grammar.CreateConstraint();
        var mask = new ulong[(tokenizer.VocabularySize + 63) / 64];
        var text = new List<byte>();
        for (var i = 0; i < maxTokens; i++)
        {
            constraint.FillMask(mask);
            var allowed = Enumerable.Range(0, tokenizer.VocabularySize).Where(token => (mask[token / 64] >> (token % 64) & 1) != 0).ToArray();
            Assert.True(allowed.Length > 0, $"dead end behind: {Encoding.UTF8.GetString([.. text])}");

            // Ends are taken as soon as they come, and closing is as likely as all else: most walks end then.
            if (constraint.CanEnd)
                return Encoding.UTF8.GetString([.. text]);

            var closing = allowed.Where(static token => token is '"' or '}' or ']' or ',').ToArray();
            var token = closing.Length > 0 && random.Next(2) == 0 ? closing[random.Next(closing.Length)] : allowed[random.Next(allowed.Length)];
            Assert.True(constraint.Accept(token), $"token {token} is in the mask and not accepted");
            text.AddRange(tokenizer.GetBytes(token).Span);
        }

        return null;
    }
}
