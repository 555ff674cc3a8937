using System.Net;
using ModelRunner.Abstractions.Engines;
using ModelRunner.ModelStore;

namespace ModelRunner.Server.Options;

/// <summary>What the user set. Immutable; read once at the start by <see cref="ServerSettings"/>.</summary>
internal sealed record ServerOptions
{
    /// <summary>The address to listen on.</summary>
    public IPAddress Bind { get; init; } = IPAddress.Loopback;

    /// <summary>The TCP port; 0 takes a free one.</summary>
    public int Port { get; init; } = 12434;

    /// <summary>Folders with models.</summary>
    public IReadOnlyList<string> ModelFolders { get; init; } = [];

    /// <summary>Models named one by one.</summary>
    public IReadOnlyList<ModelEntry> Models { get; init; } = [];

    /// <summary>How models are loaded.</summary>
    public ModelLoadOptions Load { get; init; } = ModelLoadOptions.Default;

    /// <summary>Where verdicts about files are kept.</summary>
    public string CacheFolder { get; init; } = DefaultCacheFolder;

    /// <summary>Bytes of a request's body at most.</summary>
    public int MaxBodySizeInBytes { get; init; } = 16 << 20;

    /// <summary>The user's cache folder, or the temporary one for a user without a home.</summary>
    public static string DefaultCacheFolder { get; } = Path.Combine(
        Environment.GetFolderPath(Environment.SpecialFolder.UserProfile) is { Length: > 0 } home
            ? Path.Combine(home, ".cache")
            : Path.GetTempPath(),
        "modelrunner");
}
