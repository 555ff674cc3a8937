using ModelRunner.ChatTemplates.Compilation;
using ModelRunner.ChatTemplates.Values;

namespace ModelRunner.ChatTemplates.Builtins;

// Filters that move lines or shorten a text.
internal static partial class TextFilters
{
    private static TextValue Indent(Value subject, Arguments arguments)
    {
        arguments.Expect(0, "width", "first", "blank");
        if (subject is UndefinedValue undefined)
            throw undefined.Used();

        if (subject is not TextValue)
            throw TemplateException.Runtime($"'{subject.TypeName}' object has no attribute 'splitlines'");

        var text = Text(subject, arguments);
        var width = arguments.Get(0, "width");
        TextValue indent;
        if (width is TextValue given)
        {
            indent = given;
        }
        else
        {
            var blanks = Math.Max(0, arguments.GetInteger(0, "width", 4));
            arguments.Rendering.Charge(blanks);
            indent = new TextValue(new string(' ', blanks));
        }

        var first = arguments.GetFlag(1, "first", false);
        var blank = arguments.GetFlag(2, "blank", false);
        var builder = new TextBuilder();
        if (first)
            builder.Append(indent);

        // The reference adds a newline first, so that a last one is an empty line.
        var newLine = new TextValue("\n");
        var lines = TextSplitting.SplitLines(Arithmetic.Concatenate(text, newLine, arguments.Rendering), Arguments.None(arguments.Rendering)).Items;
        for (var i = 0; i < lines.Count; i++)
        {
            var line = (TextValue)lines[i];
            if (i > 0)
            {
                builder.Append(newLine);
                if (blank || line.Text.Length > 0)
                {
                    arguments.Rendering.Charge(indent.Text.Length);
                    builder.Append(indent);
                }
            }

            builder.Append(line);
        }

        return builder.ToText();
    }

    private static Value Truncate(Value subject, Arguments arguments)
    {
        arguments.Expect(0, "length", "killwords", "end", "leeway");
        var rendering = arguments.Rendering;
        var length = arguments.GetInteger(0, "length", 255);
        var end = arguments.GetText(2, "end") ?? new TextValue("...");
        var leeway = arguments.GetInteger(3, "leeway", 5);
        if (length < end.Length || leeway < 0)
            throw TemplateException.Runtime($"expected length >= {end.Length}, got {length}");

        if (Operations.RequireLength(subject) <= length + leeway)
            return subject;

        var text = subject as TextValue ?? throw TemplateException.Runtime($"'{subject.TypeName}' object cannot be truncated");

        var cut = (TextValue)Attributes.Slice(text, null, Value.From(length - end.Length), null, rendering);
        if (!arguments.GetFlag(1, "killwords", false))
        {
            var space = cut.Text.LastIndexOf(' ');
            if (space >= 0)
                cut = cut.Cut(0, space);
        }

        return Arithmetic.Concatenate(cut, end, rendering);
    }
}
