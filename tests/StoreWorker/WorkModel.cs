using System.Text.Json;
using ModelRunner.ModelStore.Artifacts;
using ModelRunner.ModelStore.Content;
using ModelRunner.ModelStore.Transfer;

namespace ModelRunner.StoreWorker;

/// <summary>A model of random bytes, the same for the same number, that shares a layer with its neighbours.</summary>
public sealed class WorkModel
{
    private readonly Dictionary<Digest, byte[]> _blobs = [];

    public WorkModel(int number, int layerSize)
    {
        Name = $"work/model{number}";
        var layers = new[] { Random(1000 + number, layerSize), Random(number / 2, layerSize / 2), Random(2000 + number, 77) };
        var config = JsonSerializer.SerializeToUtf8Bytes(
            new ConfigDocument { Config = new ModelConfig { Format = "gguf", Quantization = $"Q{number}" } }, StoreJson.Default.ConfigDocument);
        var document = new ManifestDocument
        {
            MediaType = MediaTypes.OciManifest,
            Config = Add(config, MediaTypes.ConfigV01),
            Layers = [Add(layers[0], MediaTypes.Gguf), Add(layers[1], MediaTypes.License), Add(layers[2], MediaTypes.ChatTemplate)],
        };
        Manifest = Manifest.Parse(JsonSerializer.SerializeToUtf8Bytes(document, OciJson.Default.ManifestDocument));
    }

    public string Name { get; }

    internal Manifest Manifest { get; }

    internal byte[] GetBytes(Digest digest) => _blobs[digest];

    internal IBlobSource GetSource(ManifestBlob blob) => new MemorySource(_blobs[blob.Digest]);

    private Descriptor Add(byte[] bytes, string type)
    {
        var digest = Digest.Of(bytes);
        _blobs[digest] = bytes;
        return new Descriptor { MediaType = type, Size = bytes.Length, Digest = digest.ToString() };
    }

    private static byte[] Random(int seed, int size)
    {
        var bytes = new byte[size];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
