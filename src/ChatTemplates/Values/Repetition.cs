using ModelRunner.ChatTemplates.Compilation;

namespace ModelRunner.ChatTemplates.Values;

/// <summary>A text many times over.</summary>
internal static class Repetition
{
    public static TextValue Of(TextValue text, int count)
    {
        // Where all of it is of one kind the marks stay, and copying what is there already doubles it each time.
        if (text.Marks.Length == 0 || text.Marks is [0])
        {
            return new TextValue(
                string.Create(count * text.Text.Length, text.Text, static (target, part) =>
                {
                    part.CopyTo(target);
                    for (var filled = part.Length; filled < target.Length; filled *= 2)
                        target[..Math.Min(filled, target.Length - filled)].CopyTo(target[filled..]);
                }),
                text.Marks);
        }

        var builder = new TextBuilder();
        for (var i = 0; i < count; i++)
            builder.Append(text);

        return builder.ToText();
    }
}
