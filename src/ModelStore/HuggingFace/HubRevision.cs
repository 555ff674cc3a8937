namespace ModelRunner.ModelStore.HuggingFace;

/// <summary>What is read of a repository's own record.</summary>
/// <param name="Sha">The commit that the revision is.</param>
internal sealed record HubRevision(string? Sha);
