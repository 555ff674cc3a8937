namespace ModelRunner.ModelStore.HuggingFace;

/// <summary>A file in the listing of a repository.</summary>
/// <param name="Type"><c>file</c> or <c>directory</c>.</param>
/// <param name="Path">With slashes.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Oid">The SHA-1 of the Git blob.</param>
/// <param name="Lfs">The content, where it stands in Git LFS.</param>
internal sealed record HubFile(string? Type, string? Path, long Size, string? Oid, HubLfs? Lfs);
