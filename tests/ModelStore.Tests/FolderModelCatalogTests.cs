using ModelRunner.Abstractions.Engines;

namespace ModelRunner.ModelStore.Tests;

public sealed class FolderModelCatalogTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("modelrunner-catalog").FullName;

    [Theory]
    [InlineData("ai/smollm2")]
    [InlineData("smollm2")]
    [InlineData("smollm2:latest")]
    [InlineData("ai/SmolLM2:latest")]
    [InlineData("docker.io/ai/smollm2")]
    [InlineData("index.docker.io/ai/smollm2:latest")]
    [InlineData("docker.io/smollm2")]
    [InlineData("DOCKER.IO/AI/SMOLLM2")]
    [InlineData(" smollm2 ")]
    public void Find_UnderEachSpellingOfADockerName_FindsIt(string name)
    {
        Write("ai/smollm2/model.gguf");

        Assert.Equal("ai/smollm2", Find(name)?.Name);
    }

    [Theory]
    [InlineData("hf.co/Owner/Repo")]
    [InlineData("huggingface.co/owner/repo")]
    [InlineData("HF.co/owner/repo:latest")]
    public void Find_UnderEachSpellingOfAHuggingFaceName_FindsIt(string name)
    {
        Write("hf.co/Owner/Repo/model.gguf");

        Assert.Equal("hf.co/Owner/Repo", Find(name)?.Name);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("smollm")]
    [InlineData("smollm2:Q4")]
    [InlineData("other/smollm2")]
    [InlineData("../ai/smollm2")]
    [InlineData("/")]
    [InlineData(":")]
    [InlineData("a\0b")]
    [InlineData("example.com/ai/smollm2")]
    public void Find_OfAnotherName_IsNull(string name)
    {
        Write("ai/smollm2/model.gguf");

        Assert.Null(Find(name));
    }

    [Fact]
    public void Find_WithATag_KeepsItsCase()
    {
        var catalog = new FolderModelCatalog([], [new ModelEntry("ai/m:Q4_K_M", Write("x.gguf"))]);

        Assert.NotNull(catalog.Find(new ModelReference("M:Q4_K_M")));
        Assert.Null(catalog.Find(new ModelReference("m:q4_k_m")));
        Assert.Null(catalog.Find(new ModelReference("m")));
    }

    [Fact]
    public void List_OfFolders_HasBothFormatsPlainFilesAndNoOthers()
    {
        Write("ai/both/model.gguf", "12345");
        Write("ai/both/genai_config.json", "{}");
        Write("ai/both/model.onnx", "123");
        Write("ai/graph/genai_config.json", "{}");
        Write("plain.gguf");
        Write("ai/nothing/readme.txt");
        Write("ai/vision/mmproj-model.gguf");
        Write("one/model.gguf");

        var list = new FolderModelCatalog([_folder, Path.Combine(_folder, "missing")], []).List();

        Assert.Equal(["ai/both", "ai/graph", "one", "plain"], list.Select(bundle => bundle.Name));
        Assert.Equal(ModelFormat.Gguf | ModelFormat.OnnxGenAi, list[0].Formats);
        Assert.Equal(10, list[0].SizeInBytes);
        Assert.Equal(Path.Combine(_folder, "ai", "both"), list[0].OnnxFolder);
        Assert.Equal((ModelFormat.OnnxGenAi, null), (list[1].Formats, list[1].GgufPath));
        Assert.Equal((ModelFormat.Gguf, null), (list[3].Formats, list[3].OnnxFolder));
    }

    [Fact]
    public void List_OfAShardedModel_NamesTheFirstShardAndCountsAll()
    {
        for (var shard = 3; shard >= 1; shard--) Write($"ai/big/m-{shard:D5}-of-00003.gguf", "1234");

        var bundle = Assert.Single(new FolderModelCatalog([_folder], []).List());

        Assert.EndsWith("m-00001-of-00003.gguf", bundle.GgufPath, StringComparison.Ordinal);
        Assert.Equal(12, bundle.SizeInBytes);
        Assert.Equal(3, GgufShards.GetAll(bundle.GgufPath!).Count(File.Exists));
    }

    [Fact]
    public void List_AfterAChangeOnDisk_SeesIt()
    {
        var catalog = new FolderModelCatalog([_folder], []);
        Assert.Empty(catalog.List());

        Write("ai/late/model.gguf");
        Assert.NotNull(catalog.Find(new ModelReference("late")));

        Directory.Delete(Path.Combine(_folder, "ai"), recursive: true);
        Assert.Empty(catalog.List());
    }

    [Fact]
    public void List_WithEntries_PrefersThemToFolders()
    {
        Write("ai/m/model.gguf");
        var path = Write("elsewhere/deep/down/below/x.gguf");

        var bundle = Assert.Single(
            new FolderModelCatalog([_folder], [new ModelEntry("m", path), new ModelEntry("gone", path + "x")]).List());

        Assert.Equal(("m", path), (bundle.Name, bundle.GgufPath));
    }

    [Fact]
    public void List_WithATemplateBesideTheModel_TakesItAlong()
    {
        Write("ai/m/model.gguf");
        Write("ai/m/chat_template.jinja", "{{ messages }}");
        Write("ai/m/response_template.json", "{}");

        Assert.Equal("{{ messages }}", Find("m")!.ChatTemplateOverride);
        Assert.Equal("{}", Find("m")!.ResponseTemplateOverride);
    }

    [Fact]
    public void Summary_OfUnchangedFiles_IsReadOnce()
    {
        Write("ai/m/model.gguf");
        var count = 0;
        var catalog = new FolderModelCatalog([_folder], [], _ => new ModelSummary("llama", ++count, "", 0));

        catalog.List();
        Assert.Equal(1, catalog.Find(new ModelReference("m"))!.Summary!.ParameterCount);

        Write("ai/m/model.gguf", "larger");
        Assert.Equal(2, catalog.Find(new ModelReference("m"))!.Summary!.ParameterCount);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private ModelBundle? Find(string name) => new FolderModelCatalog([_folder], []).Find(new ModelReference(name));

    private string Write(string path, string text = "x")
    {
        var full = Path.Combine(_folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, text);
        return full;
    }
}
