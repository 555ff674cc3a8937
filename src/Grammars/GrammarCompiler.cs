using System.Text.Json;
using ModelRunner.Abstractions.Errors;
using ModelRunner.Abstractions.Requests;
using ModelRunner.Grammars.Languages;
using ModelRunner.Grammars.Masks;
using ModelRunner.Grammars.Parsing;
using ModelRunner.Grammars.Regex;
using ModelRunner.Grammars.Schema;

namespace ModelRunner.Grammars;

/// <summary>Turns specifications into grammars over a vocabulary. Thread-safe; keeps nothing.</summary>
/// <param name="vocabulary">The vocabulary.</param>
/// <param name="limits">What a grammar may cost; null for the default.</param>
/// <param name="options">Which spellings of JSON are generated; null for the default.</param>
public sealed class GrammarCompiler(TokenVocabulary vocabulary, GrammarLimits? limits = null, SchemaOptions? options = null)
{
    private const int MaxSchemaDepth = 256;

    private readonly GrammarLimits _limits = limits ?? GrammarLimits.Default;
    private readonly SchemaOptions _options = options ?? SchemaOptions.Default;

    /// <summary>Compiles a specification.</summary>
    /// <exception cref="InvalidRequestException">It is wrong, cannot be honoured exactly, or costs too much.</exception>
    public CompiledGrammar Compile(ConstraintSpecification specification)
    {
        try
        {
            if (specification.Source.Utf8.Length > _limits.SourceLength)
                throw new GrammarLimitException("it is too long");

            var grammar = Lower(specification);
            if (specification.Preamble is { } preamble)
                PreambleGrammar.Prepend(grammar, preamble);

            return new CompiledGrammar(grammar, vocabulary);
        }
        catch (Exception exception) when (exception is SchemaException or GrammarSyntaxException)
        {
            throw new InvalidRequestException(exception.Message, specification.Parameter);
        }
        catch (RegexSyntaxException exception)
        {
            throw new InvalidRequestException($"The pattern {exception.Message}.", specification.Parameter);
        }
        catch (GrammarLimitException exception)
        {
            throw new InvalidRequestException(exception.Message, specification.Parameter);
        }
        catch (InsufficientExecutionStackException)
        {
            throw new InvalidRequestException("The grammar is nested too deeply.", specification.Parameter);
        }
        catch (InvalidOperationException exception) when (exception.Source?.StartsWith("System.Text.Json", StringComparison.Ordinal) == true)
        {
            // The reader's only way to say that an escaped text is no Unicode.
            throw new InvalidRequestException("The grammar holds half of a surrogate pair.", specification.Parameter);
        }
        catch (JsonException)
        {
            throw new InvalidRequestException($"The grammar is no JSON, or nested more than {MaxSchemaDepth} deep.", specification.Parameter);
        }
    }

    private Grammar Lower(ConstraintSpecification specification)
    {
        using var document = JsonDocument.Parse(specification.Source.Utf8, new JsonDocumentOptions { MaxDepth = MaxSchemaDepth });

        // Kernels are made after compiling too, and read the schema then.
        var source = document.RootElement.Clone();
        return specification.Kind switch
        {
            ConstraintKind.JsonSchema => SchemaCompiler.Compile(source, _limits, specification.IsStrict ? _options with { AnyPropertyOrder = false } : _options),
            ConstraintKind.JsonObject => SchemaCompiler.Compile(ObjectSchema(), _limits, _options),
            ConstraintKind.Regex => TextGrammars.FromPattern(Text(source), _limits),
            ConstraintKind.Choice => TextGrammars.FromChoices(Texts(source), _limits),
            ConstraintKind.Parts => PartsGrammar.Compile(source, _limits, specification.IsStrict ? _options with { AnyPropertyOrder = false } : _options),
            ConstraintKind.Free => TextGrammars.FromPattern("[\\s\\S]*", _limits),
            ConstraintKind.Gbnf => EbnfLowering.Lower(new GbnfReader(Text(source)).Read(), _limits),
            ConstraintKind.Lark => EbnfLowering.Lower(new LarkReader(Text(source)).Read(), _limits),
            var kind => throw new GrammarSyntaxException($"There are no grammars of the kind {kind}."),
        };
    }

    private static JsonElement ObjectSchema()
    {
        using var document = JsonDocument.Parse("""{"type":"object"}""");
        return document.RootElement.Clone();
    }

    private static string Text(JsonElement source) => source.ValueKind == JsonValueKind.String
        ? source.GetString()!
        : throw new GrammarSyntaxException("The grammar must be a string.");

    private static string[] Texts(JsonElement source)
    {
        if (source.ValueKind != JsonValueKind.Array || source.GetArrayLength() == 0)
            throw new GrammarSyntaxException("The choices must be an array of strings that is not empty.");

        return [.. source.EnumerateArray().Select(Text)];
    }
}
