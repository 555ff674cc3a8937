namespace ModelRunner.ModelStore.Registry;

/// <summary>What is read of Docker's <c>config.json</c>.</summary>
internal sealed record DockerConfig(
    IReadOnlyDictionary<string, DockerAuth>? Auths,
    string? CredsStore,
    IReadOnlyDictionary<string, string>? CredHelpers);
