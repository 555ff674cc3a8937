using System.Net;

namespace ModelRunner.ModelStore.Transfer;

/// <summary>Where models come from, and how they are fetched. Immutable.</summary>
public sealed record TransferOptions
{
    /// <summary>The registry of names that have none; null for Docker Hub.</summary>
    public string? DefaultRegistry { get; init; }

    /// <summary>Whether the default registry is spoken to without TLS.</summary>
    public bool InsecureRegistry { get; init; }

    /// <summary>Registries that are asked before Docker Hub, as host or URL, in their order.</summary>
    public IReadOnlyList<string> Mirrors { get; init; } = [];

    /// <summary>Whether a registry may send us to addresses of the local network.</summary>
    public bool AllowPrivateRedirects { get; init; }

    /// <summary>The address of Hugging Face, or of what stands in for it.</summary>
    public Uri HuggingFace { get; init; } = new("https://huggingface.co");

    /// <summary>The token for Hugging Face where a request brings none.</summary>
    public string? HuggingFaceToken { get; init; }

    /// <summary>User and password for Docker Hub; null where there are none.</summary>
    public (string User, string Password)? DockerHub { get; init; }

    /// <summary>The folder with Docker's <c>config.json</c>; null where its credentials are not used.</summary>
    public string? DockerConfigFolder { get; init; }

    /// <summary>The way out; null for that of the environment (HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, NO_PROXY).</summary>
    public IWebProxy? Proxy { get; init; }

    /// <summary>Requests at a time for one file.</summary>
    public int Connections { get; init; } = 4;

    /// <summary>Bytes of one ranged request. A file takes <see cref="Connections"/> times as much memory.</summary>
    public int SegmentSize { get; init; } = 8 << 20;

    /// <summary>Tries of a request that brings nothing.</summary>
    public int MaxRetries { get; init; } = 5;

    /// <summary>The pause before the first retry, which doubles up to ten seconds.</summary>
    public TimeSpan RetryPause { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Silence after which a connection is given up.</summary>
    public TimeSpan StallTime { get; init; } = TimeSpan.FromSeconds(60);
}
