using System.Collections.Frozen;
using System.Globalization;
using ModelRunner.ChatTemplates.Compilation;
using ModelRunner.ChatTemplates.Printing;
using ModelRunner.ChatTemplates.Syntax;
using ModelRunner.ChatTemplates.Values;

namespace ModelRunner.ChatTemplates.Builtins;

/// <summary>Methods of <c>str</c>. Pieces keep their marks; where only parts of a text change, so do the marks.</summary>
internal static class TextMethods
{
    private static readonly FrozenDictionary<string, Method> Table = new Dictionary<string, Method>
    {
        ["strip"] = static (self, arguments) => Strip(self, arguments, atStart: true, atEnd: true),
        ["lstrip"] = static (self, arguments) => Strip(self, arguments, atStart: true, atEnd: false),
        ["rstrip"] = static (self, arguments) => Strip(self, arguments, atStart: false, atEnd: true),
        ["startswith"] = static (self, arguments) => Affix(self, arguments, static (text, part) => text.StartsWith(part, StringComparison.Ordinal)),
        ["endswith"] = static (self, arguments) => Affix(self, arguments, static (text, part) => text.EndsWith(part, StringComparison.Ordinal)),
        ["split"] = static (self, arguments) => TextSplitting.Split(Read(self, arguments), arguments),
        ["rsplit"] = static (self, arguments) => TextSplitting.SplitFromEnd(Read(self, arguments), arguments),
        ["splitlines"] = static (self, arguments) => TextSplitting.SplitLines(Read(self, arguments), arguments),
        ["partition"] = static (self, arguments) => TextSplitting.Partition(Read(self, arguments), arguments, fromEnd: false),
        ["rpartition"] = static (self, arguments) => TextSplitting.Partition(Read(self, arguments), arguments, fromEnd: true),
        ["replace"] = static (self, arguments) =>
        {
            arguments.Expect(2, "old", "new", "count");
            return Replace(Read(self, arguments), arguments.GetText(0, "old")!, arguments.GetText(1, "new")!, arguments.GetInteger(2, "count", -1), arguments.Rendering);
        },
        ["removeprefix"] = static (self, arguments) =>
        {
            var text = Read(self, arguments.Expect(1, "prefix"));
            var part = arguments.GetText(0, "prefix")!.Text;
            return text.Text.StartsWith(part, StringComparison.Ordinal) ? text.Cut(part.Length, text.Text.Length - part.Length) : text;
        },
        ["removesuffix"] = static (self, arguments) =>
        {
            var text = Read(self, arguments.Expect(1, "suffix"));
            var part = arguments.GetText(0, "suffix")!.Text;
            return text.Text.EndsWith(part, StringComparison.Ordinal) ? text.Cut(0, text.Text.Length - part.Length) : text;
        },
        ["upper"] = static (self, arguments) => Map(self, arguments, TextCase.Upper),
        ["lower"] = static (self, arguments) => Map(self, arguments, TextCase.Lower),
        ["casefold"] = static (self, arguments) => Map(self, arguments, TextCase.Fold),
        ["title"] = static (self, arguments) => Map(self, arguments, TextCase.Title),
        ["capitalize"] = static (self, arguments) => Map(self, arguments, TextCase.Capitalize),
        ["swapcase"] = static (self, arguments) => Map(self, arguments, TextCase.Swap),
        ["find"] = static (self, arguments) => Value.From(Find(self, arguments, fromEnd: false)),
        ["rfind"] = static (self, arguments) => Value.From(Find(self, arguments, fromEnd: true)),
        ["index"] = static (self, arguments) => Found(Find(self, arguments, fromEnd: false)),
        ["rindex"] = static (self, arguments) => Found(Find(self, arguments, fromEnd: true)),
        ["count"] = static (self, arguments) => Count(self, arguments),
        ["join"] = static (self, arguments) =>
        {
            var items = Operations.Iterate(arguments.Expect(1, "iterable").Get(0, "iterable")!, arguments.Rendering);
            var texts = new TextValue[items.Count];
            for (var i = 0; i < texts.Length; i++)
            {
                texts[i] = items[i] as TextValue
                    ?? throw TemplateException.Runtime($"sequence item {i}: expected str instance, {items[i].TypeName} found");
            }

            return MarkupText.Join(texts, (TextValue)self, ((TextValue)self).IsSafe, arguments.Rendering);
        },
        ["center"] = static (self, arguments) => Pad(self, arguments, '^'),
        ["ljust"] = static (self, arguments) => Pad(self, arguments, '<'),
        ["rjust"] = static (self, arguments) => Pad(self, arguments, '>'),
        ["zfill"] = static (self, arguments) =>
        {
            var text = Read(self, arguments.Expect(1, "width"));
            var room = arguments.GetInteger(0, "width", 0) - text.Length;
            if (room <= 0)
                return text;

            arguments.Rendering.Charge(room);
            var builder = new TextBuilder();
            var sign = text.Text.Length > 0 && text.Text[0] is '+' or '-' ? 1 : 0;
            builder.Append(text.Cut(0, sign));
            builder.Append(new string('0', room));
            builder.Append(text.Cut(sign, text.Text.Length - sign));
            return builder.ToText();
        },
        ["expandtabs"] = static (self, arguments) => ExpandTabs(Read(self, arguments.Expect(0, "tabsize")), arguments),
        ["format"] = static (self, arguments) => BraceFormat.Apply((TextValue)self, arguments),
        ["isdigit"] = static (self, arguments) => All(self, arguments, static (text, i) => CharUnicodeInfo.GetUnicodeCategory(text, i) == UnicodeCategory.DecimalDigitNumber || CharUnicodeInfo.GetDigitValue(text, i) >= 0),
        ["isdecimal"] = static (self, arguments) => All(self, arguments, static (text, i) => CharUnicodeInfo.GetUnicodeCategory(text, i) == UnicodeCategory.DecimalDigitNumber),
        ["isnumeric"] = static (self, arguments) => All(self, arguments, static (text, i) => CharUnicodeInfo.GetNumericValue(text, i) >= 0),
        ["isalpha"] = static (self, arguments) => All(self, arguments, static (text, i) => char.IsLetter(text, i)),
        ["isalnum"] = static (self, arguments) => All(self, arguments, static (text, i) => char.IsLetter(text, i) || CharUnicodeInfo.GetNumericValue(text, i) >= 0),
        ["isspace"] = static (self, arguments) => All(self, arguments, static (text, i) => Lexer.IsSpace(text[i])),
        ["isascii"] = static (self, arguments) => Value.From(((TextValue)self).Text.Length == 0 || All(self, arguments, static (text, i) => text[i] < 128).IsTrue),
        ["isprintable"] = static (self, arguments) => Value.From(((TextValue)self).Text.Length == 0 || All(self, arguments, PythonText.IsPrintable).IsTrue),
        ["isupper"] = static (self, arguments) => Value.From(TextCase.IsUpper(Read(self, arguments.Expect(0)).Text)),
        ["islower"] = static (self, arguments) => Value.From(TextCase.IsLower(Read(self, arguments.Expect(0)).Text)),
        ["istitle"] = static (self, arguments) => Value.From(TextCase.IsTitle(Read(self, arguments.Expect(0)).Text)),
        ["isidentifier"] = static (self, arguments) =>
        {
            var text = Read(self, arguments.Expect(0)).Text;
            return Value.From(text.Length > 0 && (text[0] == '_' || char.IsLetter(text[0])) && text.All(c => c == '_' || char.IsLetterOrDigit(c)));
        },
    }.ToFrozenDictionary();

    public static Method? Find(string name) => Table.GetValueOrDefault(name);

    public static TextValue Replace(TextValue text, TextValue old, TextValue replacement, int count, Rendering rendering)
    {
        var source = text.Text;
        rendering.Charge(source.Length);
        if (old.Text.Length > 0 && !source.Contains(old.Text, StringComparison.Ordinal))
            return text;

        var builder = new TextBuilder();
        var plain = 0;
        var from = 0;
        for (var left = count < 0 ? int.MaxValue : count; left > 0; left--)
        {
            // An empty text is found before each character and at the end.
            var at = old.Text.Length == 0
                ? from <= source.Length ? from : -1
                : source.IndexOf(old.Text, from, StringComparison.Ordinal);
            if (at < 0)
                break;

            rendering.Charge(replacement.Text.Length + 1);
            builder.Append(text.Cut(plain, at - plain));
            builder.Append(replacement);
            plain = at + old.Text.Length;
            from = old.Text.Length > 0 ? plain : at < source.Length ? at + CodePoints.Width(source, at) : at + 1;
        }

        builder.Append(text.Cut(plain, source.Length - plain));
        return builder.ToText();
    }

    public static TextValue Strip(TextValue text, string? characters, bool atStart, bool atEnd)
    {
        var start = 0;
        var end = text.Text.Length;
        while (atStart && start < end && Matches(text.Text[start]))
            start++;

        while (atEnd && end > start && Matches(text.Text[end - 1]))
            end--;

        return text.Cut(start, end - start);

        bool Matches(char character) => characters is null ? Lexer.IsSpace(character) : characters.Contains(character);
    }

    private static TextValue Read(Value self, Arguments arguments)
    {
        var text = (TextValue)self;
        arguments.Rendering.Charge(text.Text.Length);
        return text;
    }

    private static TextValue Map(Value self, Arguments arguments, Func<string, string> map)
    {
        var text = Read(self, arguments.Expect(0));
        return text.With(map(text.Text));
    }

    private static TextValue Strip(Value self, Arguments arguments, bool atStart, bool atEnd)
    {
        arguments.Expect(0, "chars");
        var characters = arguments.Get(0, "chars") is null or NoneValue ? null : arguments.GetText(0, "chars")!.Text;
        return Strip(Read(self, arguments), characters, atStart, atEnd);
    }

    private static Value Affix(Value self, Arguments arguments, Func<string, string, bool> matches)
    {
        arguments.Expect(1, "affix", "start", "end");
        var text = (TextValue)Attributes.Slice(self, arguments.Get(1, "start"), arguments.Get(2, "end"), null, arguments.Rendering);
        var affix = arguments.Get(0, "affix")!;
        if (affix is not ListValue { IsTuple: true } choices)
            return Value.From(matches(text.Text, arguments.GetText(0, "affix")!.Text));

        foreach (var choice in choices.Items)
        {
            if (choice is not TextValue part)
                throw TemplateException.Runtime($"tuple for startswith must only contain str, not {choice.TypeName}");

            if (matches(text.Text, part.Text))
                return BooleanValue.True;
        }

        return BooleanValue.False;
    }

    private static int Find(Value self, Arguments arguments, bool fromEnd)
    {
        arguments.Expect(1, "sub", "start", "end");
        var text = Read(self, arguments).Text;
        var part = arguments.GetText(0, "sub")!.Text;
        var starts = ((TextValue)self).HasPairs ? CodePoints.Starts(text) : null;
        var length = starts is null ? text.Length : starts.Length - 1;
        var start = Place(arguments.GetInteger(1, "start", 0));
        var end = Place(arguments.GetInteger(2, "end", int.MaxValue));
        if (start > end || arguments.GetInteger(1, "start", 0) > length)
            return -1;

        var (from, to) = starts is null ? (start, end) : (starts[start], starts[end]);
        var span = text.AsSpan(from, to - from);
        var at = fromEnd ? part.Length == 0 ? span.Length : span.LastIndexOf(part, StringComparison.Ordinal) : span.IndexOf(part, StringComparison.Ordinal);
        return at < 0 ? -1 : starts is null ? from + at : Array.BinarySearch(starts, from + at);

        int Place(int bound) => (int)Math.Clamp(bound < 0 ? (long)bound + length : bound, 0, length);
    }

    private static Value Found(int at) => at >= 0 ? Value.From(at) : throw TemplateException.Runtime("substring not found");

    private static Value Count(Value self, Arguments arguments)
    {
        arguments.Expect(1, "sub", "start", "end");
        var text = (TextValue)Attributes.Slice(self, arguments.Get(1, "start"), arguments.Get(2, "end"), null, arguments.Rendering);
        var part = arguments.GetText(0, "sub")!.Text;
        return Value.From(part.Length == 0 ? text.Length + 1 : text.Text.AsSpan().Count(part));
    }

    private static TextValue Pad(Value self, Arguments arguments, char align)
    {
        var text = Read(self, arguments.Expect(1, "width", "fillchar"));
        var fill = arguments.GetText(1, "fillchar") ?? new TextValue(" ");
        if (fill.Length != 1)
            throw TemplateException.Runtime("The fill character must be exactly one character long");

        return Pad(text, arguments.GetInteger(0, "width", 0), fill, align, arguments.Rendering);
    }

    public static TextValue Pad(TextValue text, int width, TextValue fill, char align, Rendering rendering)
    {
        var room = (long)width - text.Length;
        if (room <= 0)
            return text;

        rendering.Charge(room * fill.Text.Length);

        // CPython's centring: the odd blank goes left when the width is odd.
        var left = align switch { '<' => 0, '>' => room, _ => (room / 2) + (room & width & 1) };
        var builder = new TextBuilder();
        for (var i = 0; i < left; i++)
            builder.Append(fill);

        builder.Append(text);
        for (var i = left; i < room; i++)
            builder.Append(fill);

        return builder.ToText();
    }

    private static TextValue ExpandTabs(TextValue text, Arguments arguments)
    {
        var size = Math.Min(arguments.GetInteger(0, "tabsize", 8), 1 << 16);
        var builder = new TextBuilder();
        var column = 0;
        for (var i = 0; i < text.Text.Length;)
        {
            var width = CodePoints.Width(text.Text, i);
            var character = text.Text[i];
            if (character == '\t')
            {
                var blanks = size > 0 ? size - (column % size) : 0;
                arguments.Rendering.Charge(blanks);
                builder.Append(new string(' ', blanks));
                column += blanks;
            }
            else
            {
                builder.Append(text.Cut(i, width));
                column = character is '\n' or '\r' ? 0 : column + 1;
            }

            i += width;
        }

        return builder.ToText();
    }

    private static Value All(Value self, Arguments arguments, Func<string, int, bool> holds)
    {
        var text = Read(self, arguments.Expect(0)).Text;
        for (var i = 0; i < text.Length; i += CodePoints.Width(text, i))
            if (!holds(text, i))
                return BooleanValue.False;

        return Value.From(text.Length > 0);
    }
}
