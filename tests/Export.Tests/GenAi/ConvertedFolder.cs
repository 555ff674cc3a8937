using ModelRunner.Export.GenAi;

namespace ModelRunner.Export.Tests.GenAi;

/// <summary>A folder with a converted model, which goes away with the test.</summary>
internal sealed class ConvertedFolder : IDisposable
{
    public ConvertedFolder(string ggufPath, ConversionOptions? options = null)
    {
        Path = Directory.CreateTempSubdirectory("modelrunner-export-").FullName;
        GenAiConverter.Convert(ggufPath, Path, options);
    }

    public string Path { get; }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
