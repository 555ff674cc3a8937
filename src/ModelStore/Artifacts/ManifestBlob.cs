using ModelRunner.ModelStore.Content;

namespace ModelRunner.ModelStore.Artifacts;

/// <summary>A layer or the configuration of a model.</summary>
/// <param name="Digest">What its bytes must hash to.</param>
/// <param name="Size">Bytes.</param>
/// <param name="MediaType">What it is.</param>
/// <param name="FilePath">The path of its file as the packager wrote it, not checked; null without one.</param>
internal sealed record ManifestBlob(Digest Digest, long Size, string MediaType, string? FilePath);
