using System.Text;

namespace ModelRunner.Generation.Parsing;

/// <summary>Reads a part of a call's arguments and gives it as JSON; false where it is not whole or not well formed.</summary>
internal delegate bool PartReader(TextCursor cursor, out string json, int depth);

/// <summary>Lists and objects in brackets, whose keys and values each dialect writes in its own way, as JSON.</summary>
internal static class BracketReader
{
    /// <summary>Reads from the opening bracket to its closing one.</summary>
    /// <param name="cursor">Before <c>{</c>, <c>[</c> or <c>(</c>.</param>
    /// <param name="json">The object, or the list: round brackets hold one too.</param>
    /// <param name="depth">How deep it lies.</param>
    /// <param name="key">Reads a key and the colon after it.</param>
    /// <param name="value">Reads a value.</param>
    public static bool Read(TextCursor cursor, out string json, int depth, PartReader key, PartReader value)
    {
        var isObject = cursor.Current == '{';
        var close = cursor.Current switch { '{' => '}', '(' => ')', _ => ']' };
        cursor.Move(1);
        var builder = new StringBuilder(isObject ? "{" : "[");
        json = "";
        while (true)
        {
            cursor.SkipSpace();
            if (cursor.IsAtEnd)
                return cursor.NeedMore();

            if (cursor.Current == close)
            {
                cursor.Move(1);
                json = builder.Append(isObject ? '}' : ']').ToString();
                return true;
            }

            if (builder.Length > 1)
            {
                if (!cursor.Take(","))
                    return false;

                cursor.SkipSpace();
                builder.Append(", ");
            }

            if (isObject)
            {
                if (!key(cursor, out var name, depth + 1))
                    return false;

                builder.Append(name).Append(": ");
            }

            if (!value(cursor, out var element, depth + 1))
                return false;

            builder.Append(element);
        }
    }
}
