using System.Text.Json;

namespace ModelRunner.ChatTemplates.Tests;

/// <summary>Every corner of the language, with what the reference makes of it (written by <c>oracle.py render</c>).</summary>
public sealed class LanguageTests
{
    private static readonly JsonElement Document =
        JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "language.json"))).RootElement;

    public static TheoryData<int> Cases => [.. Enumerable.Range(0, Document.GetProperty("cases").GetArrayLength())];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Render_ACase_MatchesTheReference(int index)
    {
        var item = Document.GetProperty("cases")[index];
        var template = item.GetProperty("template").GetString()!;
        var variables = Document.GetProperty("context").GetRawText();
        if (item.TryGetProperty("output", out var output))
        {
            Assert.Equal(output.GetString(), Rendering.Of(template, variables));
            return;
        }

        Assert.True(Assert.Throws<TemplateException>(() => Rendering.Of(template, variables)).Line > 0);
    }
}
