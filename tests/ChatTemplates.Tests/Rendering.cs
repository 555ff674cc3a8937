using System.Text.Json;
using ModelRunner.Abstractions.Requests;
using ModelRunner.ChatTemplates.Values;

namespace ModelRunner.ChatTemplates.Tests;

/// <summary>Renders templates with variables given as JSON.</summary>
internal static class Rendering
{
    public static readonly DateTimeOffset Now = new(2026, 11, 22, 9, 5, 7, TimeSpan.Zero);

    public static string Of(string template, string variables = "{}") => Render(template, variables).Text;

    public static RenderedTemplate Render(string template, string variables = "{}") =>
        ChatTemplate.Compile(template).Render(Variables(variables), Now);

    public static Dictionary<string, Value> Variables(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.EnumerateObject()
            .ToDictionary(property => property.Name, property => Value.FromJson(JsonText.From(property.Value.GetRawText())));
    }
}
