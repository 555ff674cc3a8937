using ModelRunner.ChatTemplates.Builtins;
using ModelRunner.ChatTemplates.Compilation;
using ModelRunner.ChatTemplates.Syntax;
using ModelRunner.ChatTemplates.Values;

namespace ModelRunner.ChatTemplates;

/// <summary>
/// A chat template, compiled: Jinja2 as <c>transformers</c> sets it up, with its extensions <c>generation</c> and loop
/// controls. Immutable and thread-safe.
/// </summary>
public sealed class ChatTemplate
{
    private readonly Execute _body;
    private readonly FunctionScope _function;
    private readonly TemplateLimits _limits;

    private ChatTemplate(string source, Execute body, FunctionScope function, IReadOnlySet<string> freeNames, TemplateLimits limits)
    {
        Source = source;
        _body = body;
        _function = function;
        _limits = limits;
        FreeNames = freeNames;
    }

    /// <summary>The template's text.</summary>
    public string Source { get; }

    /// <summary>The variables that it reads, the global functions among them.</summary>
    public IReadOnlySet<string> FreeNames { get; }

    /// <summary>Compiles a template.</summary>
    /// <param name="source">Its text.</param>
    /// <param name="limits">What compiling and one rendering may take; null for the default.</param>
    /// <exception cref="TemplateException">The text is no template; names line and column.</exception>
    public static ChatTemplate Compile(string source, TemplateLimits? limits = null)
    {
        limits ??= TemplateLimits.Default;
        var (body, function, freeNames) = Compiler.Compile(Parser.Parse(source, limits.Depth));
        return new ChatTemplate(source, body, function, freeNames, limits);
    }

    /// <summary>Renders a prompt.</summary>
    /// <param name="variables">
    /// The variables. The template may change lists and dictionaries in them, so that they belong to this call.
    /// </param>
    /// <param name="now">What <c>strftime_now</c> tells.</param>
    /// <exception cref="TemplateException">The template refuses its variables, or passes a limit.</exception>
    public RenderedTemplate Render(IReadOnlyDictionary<string, Value> variables, DateTimeOffset now)
    {
        var rendering = new Rendering(variables, Globals.All, _limits, now);
        var output = rendering.Output;
        try
        {
            _body(new Activation(rendering, _function.SlotCount, null));
            if (output.CountUtf8() > _limits.OutputSizeInBytes)
                throw rendering.OutputTooLong();

            return new RenderedTemplate(output.ToSegments());
        }
        catch (TemplateException exception)
        {
            throw exception.WithPlace(rendering.At);
        }
        finally
        {
            output.Release();
        }
    }
}
