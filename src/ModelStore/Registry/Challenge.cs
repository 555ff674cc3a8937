using System.Net.Http.Headers;
using System.Text.RegularExpressions;

namespace ModelRunner.ModelStore.Registry;

/// <summary>What a registry asks for with a 401 (RFC 6750, section 3).</summary>
/// <param name="IsBearer">A token; else the password itself.</param>
/// <param name="Realm">Where tokens are given; null for a password.</param>
/// <param name="Service">The name of the registry at the token service.</param>
/// <param name="Scope">What the token must allow; null where the registry does not say.</param>
internal sealed partial record Challenge(bool IsBearer, Uri? Realm, string? Service, string? Scope)
{
    /// <summary>The first challenge that we can meet, or null.</summary>
    public static Challenge? Of(HttpResponseMessage response)
    {
        foreach (var header in response.Headers.WwwAuthenticate)
            if (Read(header) is { } challenge)
                return challenge;
        return null;
    }

    /// <summary>Whether the realm belongs to the registry, so that it may see the credentials: its host, a parent domain of it, or Docker Hub's.</summary>
    public bool BelongsTo(Uri registry)
    {
        if (Realm is not { } realm) return true;
        if (registry.Scheme == Uri.UriSchemeHttps && realm.Scheme != Uri.UriSchemeHttps) return false;
        var (host, other) = (registry.IdnHost.ToLowerInvariant(), realm.IdnHost.ToLowerInvariant());
        return host == other
            || (host == RegistryReference.DockerHub && other == "auth.docker.io")
            || (other.Contains('.', StringComparison.Ordinal) && host.EndsWith($".{other}", StringComparison.Ordinal));
    }

    private static Challenge? Read(AuthenticationHeaderValue header)
    {
        if (header.Scheme.Equals("Basic", StringComparison.OrdinalIgnoreCase)) return new Challenge(false, null, null, null);
        if (!header.Scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase)) return null;
        var values = Parameter().Matches(header.Parameter ?? "")
            .GroupBy(match => match.Groups["name"].Value.ToLowerInvariant())
            .ToDictionary(group => group.Key, group => group.First().Groups["value"].Value);
        return Uri.TryCreate(values.GetValueOrDefault("realm"), UriKind.Absolute, out var realm)
            && (realm.Scheme == Uri.UriSchemeHttps || realm.Scheme == Uri.UriSchemeHttp)
            ? new Challenge(true, realm, values.GetValueOrDefault("service"), values.GetValueOrDefault("scope"))
            : null;
    }

    [GeneratedRegex("(?<name>[A-Za-z_]+)=\"(?<value>[^\"]*)\"", RegexOptions.NonBacktracking)]
    private static partial Regex Parameter();
}
