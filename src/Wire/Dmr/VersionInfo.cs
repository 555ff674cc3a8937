namespace ModelRunner.Wire.Dmr;

/// <summary>The answer of <c>GET /version</c>.</summary>
public sealed record VersionInfo(string Version);
