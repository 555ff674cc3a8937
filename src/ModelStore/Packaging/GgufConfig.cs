using System.Globalization;
using ModelRunner.Gguf;
using ModelRunner.ModelStore.Artifacts;

namespace ModelRunner.ModelStore.Packaging;

/// <summary>What a GGUF file says about itself, in the words of an artifact.</summary>
internal static class GgufConfig
{
    // Docker Model Runner leaves out arrays, and so long a text is none that a person reads.
    private const int MaxTextLength = 512;

    /// <exception cref="StoreException">The file is no GGUF.</exception>
    public static ModelConfig Read(string path)
    {
        try
        {
            var file = GgufFile.Read(path);
            var facts = GgufModelFacts.From(file);
            return new ModelConfig
            {
                Format = "gguf",
                Architecture = facts.Architecture,
                Quantization = facts.Quantization,
                Parameters = FormatCount(facts.ParameterCount),
                Size = FormatSize(facts.WeightsSizeInBytes),
                Gguf = Texts(file.Metadata),
            };
        }
        catch (GgufException exception)
        {
            throw new StoreException(
                StoreException.Unsupported, $"'{Path.GetFileName(path)}' is no GGUF file that can be read: {exception.Message}", exception);
        }
    }

    public static string FormatSize(long bytes) => bytes >= 1L << 30
        ? string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 30):0.00} GiB")
        : string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 20):0.00} MiB");

    private static string FormatCount(long count) => count switch
    {
        >= 1_000_000_000 => string.Create(CultureInfo.InvariantCulture, $"{count / 1e9:0.##} B"),
        >= 1_000_000 => string.Create(CultureInfo.InvariantCulture, $"{count / 1e6:0.##} M"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{count / 1e3:0.##} K"),
    };

    private static SortedDictionary<string, string> Texts(GgufMetadata metadata)
    {
        var texts = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in metadata.Entries)
        {
            var text = value.TryGetText(out var plain) ? plain
                : value.TryGetInteger(out var integer) ? integer.ToString(CultureInfo.InvariantCulture)
                : value.TryGetNumber(out var number) ? number.ToString("R", CultureInfo.InvariantCulture)
                : value.TryGetBoolean(out var flag) ? (flag ? "true" : "false")
                : null;
            if (text is { Length: <= MaxTextLength }) texts[key] = text;
        }

        return texts;
    }
}
