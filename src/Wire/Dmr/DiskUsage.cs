namespace ModelRunner.Wire.Dmr;

/// <summary>Bytes on disk: the answer of <c>GET /engines/df</c>.</summary>
public sealed record DiskUsage(long ModelsDiskUsage, long DefaultBackendDiskUsage);
