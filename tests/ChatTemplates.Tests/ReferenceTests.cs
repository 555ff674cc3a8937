using System.Text.Json;
using ModelRunner.Testing;

namespace ModelRunner.ChatTemplates.Tests;

/// <summary>The templates of forty models beside what the reference makes of them.</summary>
public sealed class ReferenceTests
{
    [Fact]
    public void RealTemplates_EveryCase_MatchTheReferenceByteForByte()
    {
        var folder = SharedData.Require("data/chat-templates");
        var failures = new List<string>();
        var count = 0;
        foreach (var file in Directory.GetFiles(folder, "*.json").Order(StringComparer.Ordinal))
        {
            using var document = JsonDocument.Parse(File.ReadAllText(file));
            var template = ChatTemplate.Compile(document.RootElement.GetProperty("template").GetString()!);
            foreach (var item in document.RootElement.GetProperty("cases").EnumerateArray())
            {
                count++;
                if (Check(template, item) is { } failure)
                    failures.Add($"{Path.GetFileName(file)} {item.GetProperty("name").GetString()}: {failure}");
            }
        }

        Assert.Empty(failures);
        Assert.Equal(440, count);
    }

    private static string? Check(ChatTemplate template, JsonElement item)
    {
        var expected = item.TryGetProperty("output", out var output) ? output.GetString() : null;
        try
        {
            var actual = template.Render(Rendering.Variables(item.GetProperty("context").GetRawText()), Rendering.Now).Text;
            if (expected is not null)
                return actual == expected ? null : $"expected\n{expected}\nbut was\n{actual}";

            // The sandbox of the reference refuses to change lists, which is no rule for templates.
            return item.GetProperty("error").GetString()!.StartsWith("SecurityError", StringComparison.Ordinal)
                ? null
                : $"expected {item.GetProperty("error").GetString()} but was\n{actual}";
        }
        catch (TemplateException exception)
        {
            return expected is null ? null : $"expected\n{expected}\nbut failed: {exception.Message}";
        }
    }
}
