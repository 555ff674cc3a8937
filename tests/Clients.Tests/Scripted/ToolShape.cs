using System.Text.Json;
using ModelRunner.Testing;

namespace ModelRunner.Clients.Tests.Scripted;

/// <summary>A shape of calls, and what a model of it writes.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Template">The file of a real template, or the template itself where it has braces.</param>
/// <param name="Call">What the model writes when it is asked.</param>
/// <param name="Markers">Control tokens.</param>
public sealed record ToolShape(string Name, string Template, string Call, params string[] Markers)
{
    /// <summary>The answer once the tool's result is in the prompt.</summary>
    public const string Final = "It is sunny in Paris: 21 degrees.";

    /// <summary>The result that tests send back.</summary>
    public const string Result = "sunny, 21 degrees";

    /// <summary>What the model thinks first; empty without reasoning.</summary>
    public string Reasoning { get; init; } = "";

    /// <summary>What it says before the call.</summary>
    public string Content { get; init; } = "";

    /// <summary>What stands before its words in the output.</summary>
    public string Say { get; init; } = "";

    /// <summary>How the reasoning begins and ends in the output.</summary>
    public (string Open, string Close) Think { get; init; } = ("<think>\n", "\n</think>\n\n");

    /// <summary>Whether its template is a file of the shared data.</summary>
    public bool IsReal => !Template.Contains('{', StringComparison.Ordinal);

    /// <summary>A word of the question that makes the model begin with something else than a call.</summary>
    public const string Refusal = "zq7never";

    /// <summary>A word of the question that makes the model call twice.</summary>
    public const string Twice = "zq7twice";

    /// <summary>What the model writes to a prompt.</summary>
    public string Answer(string prompt) =>
        prompt.Contains(Refusal, StringComparison.Ordinal) ? $"{Say}No. {Call}"
        : prompt.Contains(Result, StringComparison.Ordinal) ? (IsOpenIn(prompt) ? $"Fine.{Think.Close}" : "") + Say + Final
        : (Reasoning.Length > 0 ? Think.Open + Reasoning + Think.Close : "") + Content + Call
            + (prompt.Contains(Twice, StringComparison.Ordinal) ? $"\n{Call.Replace("Paris", "Rome", StringComparison.Ordinal)}" : "");

    private bool IsOpenIn(string prompt) =>
        Reasoning.Length > 0 && Think.Open.Length == 0
        && prompt.TrimEnd() is var end && (end.EndsWith("<think>", StringComparison.Ordinal) || end.EndsWith("<|START_THINKING|>", StringComparison.Ordinal));

    /// <summary>The template's text; a plain one where the shared data is absent, since such tests are skipped.</summary>
    public string ReadTemplate()
    {
        if (!IsReal)
            return Template;

        if (SharedData.Find($"data/chat-templates/{Template}.json") is not { } path)
            return "";

        using var document = JsonDocument.Parse(File.ReadAllText(path));
        return document.RootElement.GetProperty("template").GetString()!;
    }
}
