using System.Text;
using System.Text.Json.Nodes;
using ModelRunner.ModelStore.Artifacts;
using ModelRunner.ModelStore.Content;
using ModelRunner.ModelStore.Transfer;
using ModelRunner.StoreWorker;

namespace ModelRunner.ModelStore.Tests.Transfer;

/// <summary>Manifests and registries that lie, beside a model that is installed.</summary>
public sealed class ArtifactPullerTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("modelrunner-puller").FullName;
    private readonly ContentStore _store;
    private readonly ArtifactPuller _puller;
    private readonly WorkModel _installed = new(0, 6_000);

    public ArtifactPullerTests()
    {
        _store = ContentStore.Open(_folder, TimeProvider.System);
        _puller = new ArtifactPuller(_store, new TransferOptions { SegmentSize = 1 << 10 }, TimeProvider.System);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    // The size counted before the digest: such a manifest took the other model's weights away.
    [Fact]
    public async Task Pull_OfAManifestWithAnotherSizeForAStoredBlob_IsRefusedAndTheBlobStays()
    {
        await PullAsync(_installed.Manifest, _installed.GetSource);
        var bundle = _store.GetBundleFolder(_store.Find(_installed.Name)!);
        var weights = _installed.Manifest.Layers[0];
        var document = JsonNode.Parse(_installed.Manifest.Bytes)!;
        document["layers"]![0]!["size"] = 5;

        var error = await Assert.ThrowsAsync<StoreException>(
            () => PullAsync(Manifest.Parse(Encoding.UTF8.GetBytes(document.ToJsonString())), _installed.GetSource));

        Assert.Equal(StoreException.Unsupported, error.Code);
        Assert.Contains(weights.Digest.ToString(), error.Message, StringComparison.Ordinal);
        Assert.Equal(_installed.GetBytes(weights.Digest), await File.ReadAllBytesAsync(Path.Combine(bundle, "model.gguf"), Token));
        Assert.Empty((await _store.CheckAsync(repair: false, null, Token)).Faults);
    }

    // The stored blob was taken for the one that was asked for, which was then missing and asked for again, for ever.
    [Fact]
    public async Task Pull_ThatGetsTheBytesOfAnotherStoredBlob_EndsAsCorrupt()
    {
        await PullAsync(_installed.Manifest, _installed.GetSource);
        var wanted = new WorkModel(2, 6_000);
        var asked = 0;

        var error = await Assert.ThrowsAsync<TransferException>(() => PullAsync(wanted.Manifest, blob =>
        {
            Assert.True(++asked < 10, "It does not end.");
            return blob.Digest == wanted.Manifest.Layers[0].Digest ? _installed.GetSource(_installed.Manifest.Layers[0]) : wanted.GetSource(blob);
        }));

        Assert.Equal(TransferException.Corrupt, error.Code);
    }

    public void Dispose()
    {
        _store.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private Task<bool> PullAsync(Manifest manifest, Func<ManifestBlob, IBlobSource> getSource) =>
        _puller.PullAsync(manifest, _installed.Name, getSource, null, Token);
}
