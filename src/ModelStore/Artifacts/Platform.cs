using System.Runtime.InteropServices;

namespace ModelRunner.ModelStore.Artifacts;

/// <summary>What a manifest of an index is for, in Go's words (OCI image specification, image index).</summary>
internal sealed record Platform(string? Architecture, string? Os)
{
    /// <summary>Where builders put what is no image.</summary>
    public const string Unknown = "unknown";

    /// <summary>This machine's. A model is data: Linux stands for all systems, as in Docker's own client.</summary>
    public static Platform Here { get; } = new(
        RuntimeInformation.OSArchitecture switch
        {
            System.Runtime.InteropServices.Architecture.X64 => "amd64",
            System.Runtime.InteropServices.Architecture.X86 => "386",
            var other => other.ToString().ToLowerInvariant(),
        },
        "linux");
}
