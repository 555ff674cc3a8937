using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using ModelRunner.Testing;

namespace ModelRunner.ChatTemplates.Tests;

/// <summary>Random templates beside Python's Jinja2, where Debian's <c>python3-jinja2</c> is installed.</summary>
public sealed class DifferentialTests
{
    [Fact]
    public void RandomTemplates_BesideTheReference_GiveTheSameTextOrBothRefuse()
    {
        var python = FindPython();
        Assert.SkipUnless(
            python is not null || Environment.GetEnvironmentVariable("MODEL_RUNNER_JINJA") == "required", "python3-jinja2 is not installed");
        var seed = int.Parse(Environment.GetEnvironmentVariable("MODEL_RUNNER_SEED") ?? "1", CultureInfo.InvariantCulture);
        var count = int.Parse(Environment.GetEnvironmentVariable("MODEL_RUNNER_PAIRS") ?? (Campaign.IsFull ? "100000" : "1000"), CultureInfo.InvariantCulture);
        using var oracle = Process.Start(new ProcessStartInfo(python!, [Path.Combine(AppContext.BaseDirectory, "oracle.py"), "generate", $"{seed}", $"{count}"])
        {
            RedirectStandardOutput = true,
        })!;
        var differences = new List<string>();
        var compared = 0;
        var rendered = 0;
        while (oracle.StandardOutput.ReadLine() is { } line)
        {
            using var document = JsonDocument.Parse(line);
            compared++;
            rendered += document.RootElement.TryGetProperty("output", out _) ? 1 : 0;
            if (Compare(document.RootElement) is { } difference)
                differences.Add(difference);
        }

        oracle.WaitForExit();
        TestContext.Current.SendDiagnosticMessage($"{compared} pairs, {rendered} rendered, {differences.Count} differences");
        Assert.True(differences.Count == 0, $"{differences.Count} of {compared} differ\n{string.Join("\n----\n", differences.Take(40))}");
        Assert.Equal(count, compared);
    }

    private static string? Compare(JsonElement pair)
    {
        var template = pair.GetProperty("template").GetString()!;
        var context = pair.GetProperty("context").GetString()!;
        var expected = pair.TryGetProperty("output", out var output) ? output.GetString() : null;
        string? actual = null;
        string? failure = null;
        try
        {
            actual = Rendering.Of(template, context);
        }
        catch (TemplateException exception)
        {
            failure = exception.Message;
        }

        return actual == expected
            ? null
            : $"template {template}\ncontext {context}\nexpected {Show(expected) ?? pair.GetProperty("error").GetString()}\nactual {Show(actual) ?? failure}";

        static string? Show(string? text) => text is null ? null : JsonSerializer.Serialize(text);
    }

    private static string? FindPython()
    {
        foreach (var python in new[] { "/usr/bin/python3", "python3" })
        {
            try
            {
                using var process = Process.Start(new ProcessStartInfo(python, ["-c", "import jinja2"]) { RedirectStandardError = true })!;
                process.WaitForExit();
                if (process.ExitCode == 0)
                    return python;
            }
            catch (System.ComponentModel.Win32Exception)
            {
            }
        }

        return null;
    }
}
