using System.Text.RegularExpressions;
using ModelRunner.Abstractions.Errors;
using ModelRunner.ModelStore.Content;
using ModelRunner.ModelStore.Transfer;

namespace ModelRunner.ModelStore.Registry;

/// <summary>A name as a registry is asked for it (OCI distribution specification: repository, then tag or digest).</summary>
/// <param name="Host">The registry with its port, such as <c>registry-1.docker.io</c>.</param>
/// <param name="Repository">Lower case, such as <c>ai/smollm2</c>.</param>
/// <param name="Reference">A tag or a digest.</param>
/// <param name="IsPlainHttp">Whether it is spoken to without TLS.</param>
internal sealed partial record RegistryReference(string Host, string Repository, string Reference, bool IsPlainHttp)
{
    public const string DockerHub = "registry-1.docker.io";

    public Uri BaseUri => new($"{(IsPlainHttp ? "http" : "https")}://{Host}/");

    public bool IsDockerHub => Host == DockerHub;

    /// <summary>Reads a name in any spelling.</summary>
    /// <exception cref="InvalidRequestException">It cannot be a registry's.</exception>
    public static RegistryReference Parse(string name, TransferOptions options)
    {
        name = name.Trim();
        var digest = "";
        if (name.IndexOf('@', StringComparison.Ordinal) is >= 0 and var at)
        {
            digest = name[(at + 1)..];
            if (!Digest.TryParse(digest, out _)) throw Wrong(name, "what follows '@' must be a SHA-256 digest");
            name = name[..at];
        }

        var (path, tag) = ModelName.Split(name);
        var slash = path.IndexOf('/', StringComparison.Ordinal);
        var first = slash < 0 ? "" : path[..slash];
        var hasHost = first.AsSpan().ContainsAny('.', ':') || first.Equals("localhost", StringComparison.OrdinalIgnoreCase);
        var host = hasHost ? first.ToLowerInvariant() : options.DefaultRegistry ?? DockerHub;
        if (host is "docker.io" or "index.docker.io") host = DockerHub;
        var repository = (hasHost ? path[(slash + 1)..] : path).ToLowerInvariant();
        if (!repository.Contains('/', StringComparison.Ordinal) && (!hasHost || host == DockerHub)) repository = $"ai/{repository}";
        if (repository.Length > 255 || !Repositories().IsMatch(repository)) throw Wrong(name, "a repository has lower-case letters, digits, and single separators between them");
        if (tag.Length > 0 && !Tags().IsMatch(tag)) throw Wrong(name, "a tag has letters, digits, '_', '.' and '-', 128 at most");
        if (!Hosts().IsMatch(host)) throw Wrong(name, $"'{host}' is no host");
        return new RegistryReference(
            host,
            repository,
            digest.Length > 0 ? digest : tag.Length > 0 ? tag : "latest",
            IsLocal(host) || (options.InsecureRegistry && (!hasHost || host == options.DefaultRegistry)));
    }

    /// <summary>The same model at another registry, such as a mirror: a host, or an URL whose scheme counts.</summary>
    public RegistryReference At(string mirror)
    {
        var isPlain = mirror.StartsWith("http://", StringComparison.OrdinalIgnoreCase);
        var host = mirror.Contains("://", StringComparison.Ordinal) ? mirror[(mirror.IndexOf("://", StringComparison.Ordinal) + 3)..] : mirror;
        host = host.TrimEnd('/');
        return this with { Host = host, IsPlainHttp = isPlain || IsLocal(host) };
    }

    // As Docker Model Runner, and the loopback addresses besides.
    private static bool IsLocal(string host)
    {
        var name = host.StartsWith('[') ? host[..(host.IndexOf(']', StringComparison.Ordinal) + 1)] : host.Split(':')[0];
        return name is "localhost" or "[::1]" || name.EndsWith(".local", StringComparison.Ordinal) || name.StartsWith("127.", StringComparison.Ordinal);
    }

    private static InvalidRequestException Wrong(string name, string why) => new($"'{name}' is no name of a model in a registry: {why}.", "model");

    [GeneratedRegex(@"^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$", RegexOptions.NonBacktracking)]
    private static partial Regex Repositories();

    [GeneratedRegex(@"^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$", RegexOptions.NonBacktracking)]
    private static partial Regex Tags();

    [GeneratedRegex(@"^(?:[a-z0-9](?:[a-z0-9.-]{0,253})|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?$", RegexOptions.NonBacktracking)]
    private static partial Regex Hosts();
}
