using System.Globalization;
using ModelRunner.ChatTemplates.Builtins;
using ModelRunner.ChatTemplates.Compilation;
using ModelRunner.ChatTemplates.Values;

namespace ModelRunner.ChatTemplates.Printing;

/// <summary>Python's <c>json.dumps</c>.</summary>
internal sealed class JsonPrinter(
    Rendering rendering,
    bool ensuresAscii,
    string? indent,
    string itemSeparator,
    string keySeparator,
    bool sortsKeys)
{
    private readonly TextBuilder _builder = new();

    public TextValue Print(Value value)
    {
        Write(value, 0);
        return _builder.ToText();
    }

    private void Write(Value value, int depth)
    {
        if (depth > Operations.NestingLimit)
            throw TemplateException.Limit($"A value is nested more than {Operations.NestingLimit} deep.");

        rendering.Step();
        switch (value)
        {
            case NoneValue:
                _builder.Append("null");
                break;
            case BooleanValue flag:
                _builder.Append(flag.Flag ? "true" : "false");
                break;
            case TextValue text:
                WriteText(text);
                break;
            case IntegerValue:
                _builder.Append(PythonText.Scalar(value));
                break;
            case FloatValue real:
                _builder.Append(FloatNumber(real));
                break;
            case ListValue list:
                WriteList(list.Items, depth);
                break;
            case GroupValue group:
                WriteList([group.Grouper, group.List], depth);
                break;
            case DictionaryValue dictionary:
                WriteDictionary(dictionary, depth);
                break;
            default:
                throw TemplateException.Runtime($"Object of type {value.TypeName} is not JSON serializable");
        }
    }

    private void WriteList(List<Value> items, int depth)
    {
        if (items.Count == 0)
        {
            _builder.Append("[]");
            return;
        }

        _builder.Append('[');
        for (var i = 0; i < items.Count; i++)
        {
            if (i > 0)
                _builder.Append(itemSeparator);

            NewLine(depth + 1);
            Write(items[i], depth + 1);
        }

        NewLine(depth);
        _builder.Append(']');
    }

    private void WriteDictionary(DictionaryValue dictionary, int depth)
    {
        if (dictionary.Length == 0)
        {
            _builder.Append("{}");
            return;
        }

        _builder.Append('{');
        var entries = dictionary.Entries;
        if (sortsKeys)
            entries = Filters.Sort(entries, static entry => entry.Key, isReverse: false, rendering);

        var isFirst = true;
        foreach (var (key, value) in entries)
        {
            if (!isFirst)
                _builder.Append(itemSeparator);

            isFirst = false;
            NewLine(depth + 1);
            WriteKey(key);
            _builder.Append(keySeparator);
            Write(value, depth + 1);
        }

        NewLine(depth);
        _builder.Append('}');
    }

    private void WriteKey(Value key)
    {
        switch (key)
        {
            case TextValue text:
                WriteText(text);
                break;
            case NoneValue:
                _builder.Append("\"null\"");
                break;
            case BooleanValue flag:
                _builder.Append(flag.Flag ? "\"true\"" : "\"false\"");
                break;
            case IntegerValue:
                _builder.Append($"\"{PythonText.Scalar(key)}\"");
                break;
            case FloatValue real:
                _builder.Append($"\"{FloatNumber(real)}\"");
                break;
            default:
                throw TemplateException.Runtime($"keys must be str, int, float, bool or None, not {key.TypeName}");
        }
    }

    private static string FloatNumber(FloatValue real) => real.Text ?? FloatText.Special(real.Number) switch
    {
        "nan" => "NaN",
        "inf" => "Infinity",
        "-inf" => "-Infinity",
        _ => FloatText.Repr(real.Number),
    };

    private void WriteText(TextValue text)
    {
        var source = text.Text;
        rendering.Charge(source.Length);
        _builder.Append('"');
        var plain = 0;
        for (var i = 0; i < source.Length; i++)
        {
            if (Escape(source[i]) is not { } escape)
                continue;

            _builder.Append(source.AsSpan(plain, i - plain), TextMarks.Slice(text.Marks, plain, i - plain));
            _builder.Append(escape, TextMarks.Slice(text.Marks, i, 1));
            plain = i + 1;
        }

        _builder.Append(source.AsSpan(plain), TextMarks.Slice(text.Marks, plain, source.Length - plain));
        _builder.Append('"');
    }

    private string? Escape(char character) => character switch
    {
        '"' => "\\\"",
        '\\' => "\\\\",
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        '\b' => "\\b",
        '\f' => "\\f",
        < ' ' => Code(character),
        > '~' when ensuresAscii => Code(character),
        _ => null,
    };

    private static string Code(char character) =>
        string.Create(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}");

    private void NewLine(int depth)
    {
        if (indent is null)
            return;

        rendering.Charge((long)indent.Length * depth);
        _builder.Append('\n');
        for (var i = 0; i < depth; i++)
            _builder.Append(indent);
    }
}
