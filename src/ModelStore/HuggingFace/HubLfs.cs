namespace ModelRunner.ModelStore.HuggingFace;

/// <summary>Content in Git LFS.</summary>
/// <param name="Oid">The 64 hex digits of its SHA-256.</param>
/// <param name="Size">Bytes.</param>
internal sealed record HubLfs(string? Oid, long Size);
