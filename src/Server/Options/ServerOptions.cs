using System.Net;
using ModelRunner.ModelStore;
using ModelRunner.ModelStore.Transfer;
using ModelRunner.Runtime;

namespace ModelRunner.Server.Options;

/// <summary>What the user set. Immutable; read once at the start by <see cref="ServerSettings"/>.</summary>
internal sealed record ServerOptions
{
    /// <summary>The address to listen on.</summary>
    public IPAddress Bind { get; init; } = IPAddress.Loopback;

    /// <summary>The TCP port; 0 takes a free one.</summary>
    public int Port { get; init; } = 12434;

    /// <summary>Path of a Unix socket to listen on as well; null for none.</summary>
    public string? Socket { get; init; }

    /// <summary>What clients must show as Bearer or <c>x-api-key</c>; null for none.</summary>
    public string? ApiKey { get; init; }

    /// <summary>Whether other machines may come without a key.</summary>
    public bool AllowAnonymous { get; init; }

    /// <summary>Names in the Host header that are this server's, besides the usual ones.</summary>
    public IReadOnlyList<string> AllowedHosts { get; init; } = [];

    /// <summary>Origins of pages that may call, besides those of this machine and its applications; <c>scheme://*</c>
    /// for all of a scheme, <c>*</c> for all.</summary>
    public IReadOnlyList<string> Origins { get; init; } = [];

    /// <summary>Folders with models.</summary>
    public IReadOnlyList<string> ModelFolders { get; init; } = [];

    /// <summary>The folder of what ships with the server, looked into last; null for none.</summary>
    public string? BundledFolder { get; init; }

    /// <summary>Models named one by one.</summary>
    public IReadOnlyList<ModelEntry> Models { get; init; } = [];

    /// <summary>Engines that serve a model which several can, the best one first; the others follow.</summary>
    public IReadOnlyList<string> Engines { get; init; } = [];

    /// <summary>Whether an ONNX model whose accelerator cannot start is refused instead of computed on the CPU.</summary>
    public bool RequiresAccelerator { get; init; }

    /// <summary>Whether ONNX weights are kept as this processor's kernels pack them.</summary>
    public bool KeepsPackedWeights { get; init; }

    /// <summary>The folder of pulled models.</summary>
    public string StoreFolder { get; init; } = Path.Combine(DockerFolder, "models");

    /// <summary>How models are pulled and pushed.</summary>
    public TransferOptions Transfer { get; init; } = new() { DockerConfigFolder = DockerFolder };

    /// <summary>How models are loaded and kept.</summary>
    public RuntimeOptions Runtime { get; init; } = new();

    /// <summary>Where verdicts about files are kept.</summary>
    public string CacheFolder { get; init; } = DefaultCacheFolder;

    /// <summary>Bytes of a request's body at most.</summary>
    public int MaxBodySizeInBytes { get; init; } = 16 << 20;

    /// <summary>Requests that compute or wait, over all models.</summary>
    public int MaxRequests { get; init; } = 2048;

    /// <summary>Bytes of their bodies in memory.</summary>
    public long MaxRequestBytes { get; init; } = 256 << 20;

    /// <summary>How long requests may go on after the server was asked to stop.</summary>
    public TimeSpan ShutdownTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The silence of a stream after which a comment is sent.</summary>
    public TimeSpan StreamKeepAlive { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long the reader of a stream may take nothing.</summary>
    public TimeSpan SlowReaderTime { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Whether the last requests and answers are kept in memory for who has the key.</summary>
    public bool RecordsRequests { get; init; }

    /// <summary>Whether log lines are JSON.</summary>
    public bool LogsJson { get; init; }

    // Docker Model Runner's, so that both see the same models.
    private static string DockerFolder => Path.Combine(
        Environment.GetFolderPath(Environment.SpecialFolder.UserProfile) is { Length: > 0 } home ? home : Path.GetTempPath(), ".docker");

    /// <summary>The user's cache folder, or the temporary one for a user without a home.</summary>
    public static string DefaultCacheFolder { get; } = Path.Combine(
        Environment.GetFolderPath(Environment.SpecialFolder.UserProfile) is { Length: > 0 } home
            ? Path.Combine(home, ".cache")
            : Path.GetTempPath(),
        "modelrunner");
}
