using ModelRunner.Abstractions.Errors;

namespace ModelRunner.Tokenizers.Tests;

public sealed class ChatTemplateFilesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tokenizer-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void ReadChatTemplates_NoFile_GivesNone() => Assert.Empty(TokenizerFolder.ReadChatTemplates(_folder));

    [Fact]
    public void ReadResponseTemplate_IsTheConfigurationsObject()
    {
        Assert.Null(TokenizerFolder.ReadResponseTemplate(_folder));
        File.WriteAllText(Path.Combine(_folder, "tokenizer_config.json"), """{"response_template": {"fields": {} } }""");

        Assert.Equal("""{"fields": {} }""", TokenizerFolder.ReadResponseTemplate(_folder));
    }

    [Fact]
    public void ReadChatTemplates_OneInTheConfiguration_IsTheDefault()
    {
        Write("tokenizer_config.json", """{"chat_template": "{{ messages }}"}""");

        Assert.Equal("{{ messages }}", Assert.Single(TokenizerFolder.ReadChatTemplates(_folder)).Value);
    }

    [Fact]
    public void ReadChatTemplates_ListOfNamedOnes_GivesEach()
    {
        Write("tokenizer_config.json", """
            {"chat_template": [{"name": "default", "template": "a"}, {"name": "tool_use", "template": "b"}]}
            """);

        var templates = TokenizerFolder.ReadChatTemplates(_folder);
        Assert.Equal("a", templates[""]);
        Assert.Equal("b", templates["tool_use"]);
    }

    [Fact]
    public void ReadChatTemplates_OwnFiles_GoBeforeTheConfiguration()
    {
        Write("tokenizer_config.json", """{"chat_template": "old"}""");
        Write("chat_template.jinja", "new");
        Directory.CreateDirectory(Path.Combine(_folder, "additional_chat_templates"));
        Write("additional_chat_templates/rag.jinja", "documents");

        var templates = TokenizerFolder.ReadChatTemplates(_folder);
        Assert.Equal("new", templates[""]);
        Assert.Equal("documents", templates["rag"]);
    }

    [Theory]
    [InlineData("""{"chat_template": 5}""", "chat_template must be a string")]
    [InlineData("""{"chat_template": [{"name": "x"}]}""", "chat_template[0].template is missing")]
    [InlineData("[]", "must be an object")]
    [InlineData("{", "not JSON")]
    public void ReadChatTemplates_BrokenConfiguration_NamesFileAndField(string json, string expected)
    {
        Write("tokenizer_config.json", json);

        var exception = Assert.Throws<ModelLoadException>(() => TokenizerFolder.ReadChatTemplates(_folder));
        Assert.StartsWith("tokenizer_config.json", exception.Message, StringComparison.Ordinal);
        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
    }

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(_folder, name), text);
}
