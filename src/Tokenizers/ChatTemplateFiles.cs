using System.Text;
using System.Text.Json;
using ModelRunner.Abstractions.Errors;
using ModelRunner.Tokenizers.Json;

namespace ModelRunner.Tokenizers;

/// <summary>
/// Finds the chat templates of a folder where transformers looks for them: <c>chat_template.jinja</c> and
/// <c>additional_chat_templates/NAME.jinja</c>, otherwise <c>chat_template</c> of <c>tokenizer_config.json</c> (one,
/// or a list of named ones), otherwise of <c>chat_template.json</c>.
/// </summary>
internal static class ChatTemplateFiles
{
    private const int MaximumCount = 64;
    private const int MaximumLength = 4 << 20;
    private const string DefaultName = "default";

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static Dictionary<string, string> Read(string folder)
    {
        var templates = new Dictionary<string, string>(StringComparer.Ordinal);
        AddConfigured(templates, folder, "chat_template.json");
        AddConfigured(templates, folder, "tokenizer_config.json");

        var additional = Path.Combine(folder, "additional_chat_templates");
        if (Directory.Exists(additional))
            foreach (var path in Directory.EnumerateFiles(additional, "*.jinja").Order(StringComparer.Ordinal))
                Add(templates, Path.GetFileNameWithoutExtension(path), ReadText(folder, Path.GetRelativePath(folder, path))!);

        if (ReadText(folder, "chat_template.jinja") is { } text)
            templates[""] = text;
        return templates;
    }

    /// <summary>JSON of <c>response_template</c> in <c>tokenizer_config.json</c>.</summary>
    public static string? ReadResponseTemplate(string folder)
    {
        using var document = JsonFile.Find(folder, "tokenizer_config.json");
        return document?.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("response_template", out var field) && field.ValueKind == JsonValueKind.Object
            ? field.GetRawText()
            : null;
    }

    private static void AddConfigured(Dictionary<string, string> templates, string folder, string file)
    {
        using var document = JsonFile.Find(folder, file);
        if (document is null || new JsonField(file, "", document.RootElement).Find("chat_template") is not { } field)
            return;

        if (field.IsList)
            foreach (var item in field.Items(MaximumCount))
                Add(templates, item.GetText("name"), item.GetText("template"));
        else
            templates[""] = field.AsText();
    }

    private static void Add(Dictionary<string, string> templates, string name, string text)
    {
        if (templates.Count == MaximumCount)
            throw new ModelLoadException($"tokenizer_config.json: more than {MaximumCount} chat templates");
        templates[name == DefaultName ? "" : name] = text;
    }

    private static string? ReadText(string folder, string file)
    {
        if (JsonFile.ReadBytes(folder, file, MaximumLength) is not { } bytes)
            return null;
        try
        {
            return Utf8.GetString(bytes);
        }
        catch (DecoderFallbackException exception)
        {
            throw new ModelLoadException($"{file}: not UTF-8", exception);
        }
    }
}
