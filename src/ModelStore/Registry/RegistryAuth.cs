using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using ModelRunner.ModelStore.Http;
using ModelRunner.ModelStore.Transfer;

namespace ModelRunner.ModelStore.Registry;

/// <summary>The credentials of one transfer with one registry: tokens are fetched when they are asked for, and kept. Thread-safe.</summary>
internal sealed class RegistryAuth(TransferHttp http, Uri registry, Credentials? credentials)
{
    private const int MaxAnswerSize = 1 << 20;
    private readonly ConcurrentDictionary<string, AuthenticationHeaderValue> _headers = new();

    /// <summary>What to send for a scope, or null where nothing is known.</summary>
    public AuthenticationHeaderValue? Get(string scope) =>
        _headers.GetValueOrDefault(scope)
        ?? (credentials?.BearerToken is { } token ? new AuthenticationHeaderValue("Bearer", token) : null);

    /// <summary>Meets a challenge.</summary>
    /// <returns>Whether there is something new to send.</returns>
    public async Task<bool> MeetAsync(HttpResponseMessage response, string scope, CancellationToken cancellationToken)
    {
        if (Challenge.Of(response) is not { } challenge) return false;

        // Another request has met the challenge since this one was sent.
        var before = Get(scope);
        if (before is not null && !before.Equals(response.RequestMessage?.Headers.Authorization)) return true;
        var header = challenge.IsBearer ? await GetTokenAsync(challenge, scope, cancellationToken) : Basic();
        if (header is null || header.Equals(before)) return false;
        _headers[scope] = header;
        return true;
    }

    private AuthenticationHeaderValue? Basic() => credentials is { User.Length: > 0 } known
        ? new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{known.User}:{known.Password}")))
        : null;

    private async Task<AuthenticationHeaderValue?> GetTokenAsync(Challenge challenge, string scope, CancellationToken cancellationToken)
    {
        // A realm elsewhere gets no credentials: it may be anyone's. It may still give tokens to everyone.
        var isOurs = challenge.BelongsTo(registry);
        var realm = challenge.Realm!;
        var query = new StringBuilder();
        Add("service", challenge.Service);
        Add("scope", challenge.Scope ?? scope);
        var refresh = isOurs ? credentials?.RefreshToken : null;
        if (refresh is not null)
        {
            Add("grant_type", "refresh_token");
            Add("refresh_token", refresh);
            Add("client_id", "modelrunner");
        }

        var address = refresh is not null ? realm
            : new UriBuilder(realm) { Query = string.Join('&', new[] { realm.Query.TrimStart('?'), query.ToString() }.Where(part => part.Length > 0)) }.Uri;
        using var response = await http.SendAsync(
            address,
            target => refresh is null
                ? new HttpRequestMessage(HttpMethod.Get, target) { Headers = { Authorization = isOurs ? Basic() : null } }
                : new HttpRequestMessage(HttpMethod.Post, target)
                {
                    Content = new StringContent(query.ToString(), Encoding.UTF8, "application/x-www-form-urlencoded"),
                },
            cancellationToken,
            named: isOurs ? realm : registry);
        if (!response.IsSuccessStatusCode)
        {
            if (!isOurs && credentials is not null) throw Foreign(realm);
            return (int)response.StatusCode is 401 or 403 or 400 ? null : throw HttpFailure.Of(response, "a token");
        }

        var answer = Parse(await BoundedContent.ReadAsync(response, MaxAnswerSize, cancellationToken));
        return (answer?.Token ?? answer?.AccessToken) is { Length: > 0 } token ? new AuthenticationHeaderValue("Bearer", token) : null;

        void Add(string name, string? value)
        {
            if (value is not null) query.Append(query.Length > 0 ? "&" : "").Append(name).Append('=').Append(Uri.EscapeDataString(value));
        }
    }

    private static TokenAnswer? Parse(byte[] json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, RegistryJson.Default.TokenAnswer);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private TransferException Foreign(Uri realm) => new(
        TransferException.Unauthorized, $"'{registry.Host}' wants its credentials sent to '{realm.Host}', which is not its own: they were not sent.");
}
