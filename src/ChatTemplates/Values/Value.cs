using ModelRunner.Abstractions.Requests;

namespace ModelRunner.ChatTemplates.Values;

/// <summary>A value of the template language, with Python's semantics. A value belongs to one rendering at a time.</summary>
public abstract class Value
{
    private protected Value()
    {
    }

    /// <summary>Python's <c>None</c>.</summary>
    public static Value None => NoneValue.Instance;

    /// <summary>Python's name of the type, as its messages have it.</summary>
    internal abstract string TypeName { get; }

    /// <summary>What <c>if</c> makes of it.</summary>
    internal virtual bool IsTrue => true;

    /// <summary>Number of elements, or -1 where Python's <c>len</c> refuses.</summary>
    internal virtual int Length => -1;

    /// <summary>True or False.</summary>
    public static Value From(bool value) => value ? BooleanValue.True : BooleanValue.False;

    /// <summary>A whole number.</summary>
    public static Value From(long value) => IntegerValue.Of(value);

    /// <summary>A text of the template's side, in which markers count.</summary>
    public static Value From(string text) => new TextValue(text);

    /// <summary>A text that came with the request, in which markers are plain text.</summary>
    public static Value FromInput(string text) => new TextValue(text, TextMarks.Input);

    /// <summary>A JSON value of the request. Key order and the text of fractions are kept.</summary>
    /// <param name="json">One valid JSON value.</param>
    /// <exception cref="TemplateException">It is nested too deeply.</exception>
    public static Value FromJson(JsonText json) => JsonValueReader.Read(json.Utf8.Span);

    /// <summary>Python's <c>str</c>.</summary>
    public override string ToString() => Printing.PythonText.ToText(this).Text;
}
