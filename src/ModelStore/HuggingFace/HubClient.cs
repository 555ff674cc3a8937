using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ModelRunner.ModelStore.Artifacts;
using ModelRunner.ModelStore.Http;
using ModelRunner.ModelStore.Transfer;

namespace ModelRunner.ModelStore.HuggingFace;

/// <summary>
/// A repository on Hugging Face at one commit: the revision is resolved once, and everything is fetched by the commit.
/// Thread-safe.
/// </summary>
internal sealed class HubClient(TransferHttp http, HubReference reference, string? token, TransferOptions options, TimeProvider time)
{
    private const int MaxPages = 100;
    private const int MaxFiles = 20_000;
    private const int MaxAnswerSize = 32 << 20;
    private readonly BlobFetcher _retry = new(options, time);

    private string Name => $"{reference.Owner}/{reference.Repository}";

    /// <summary>The commit of the revision.</summary>
    public async Task<string> GetCommitAsync(CancellationToken cancellationToken)
    {
        var address = new Uri(options.HuggingFace, $"api/models/{Name}/revision/{Uri.EscapeDataString(reference.Revision)}");
        var (revision, _) = await GetAsync(address, HubJson.Default.HubRevision, cancellationToken);
        return revision?.Sha is { Length: 40 } sha && sha.All(char.IsAsciiHexDigit) ? sha
            : throw new TransferException(TransferException.Unavailable, $"'{options.HuggingFace.Host}' does not say which commit '{Name}' is at.");
    }

    /// <summary>All files of the commit, at the paths that are allowed.</summary>
    public async Task<IReadOnlyList<HubFile>> ListAsync(string commit, CancellationToken cancellationToken)
    {
        var files = new List<HubFile>();
        var next = new Uri(options.HuggingFace, $"api/models/{Name}/tree/{commit}?recursive=true");
        for (var page = 0; page < MaxPages && files.Count <= MaxFiles; page++)
        {
            var (listing, following) = await GetAsync(next, HubJson.Default.HubFileArray, cancellationToken);
            files.AddRange((listing ?? []).Where(file => file.Type == "file" && BundlePath.TryParse(file.Path, out _)));
            if (following is null || !TransferHttp.IsSameOrigin(following, options.HuggingFace)) break;
            next = following;
        }

        return files;
    }

    /// <summary>Where a file comes from.</summary>
    public IBlobSource GetFile(string commit, string path, long size)
    {
        var address = new Uri(options.HuggingFace, $"{Name}/resolve/{commit}/{string.Join('/', path.Split('/').Select(Uri.EscapeDataString))}");
        return new HttpBlobSource($"file '{path}' of '{Name}'", size, (range, cancellationToken) => SendAsync(address, range, cancellationToken));
    }

    private Task<(T? Answer, Uri? Next)> GetAsync<T>(Uri address, JsonTypeInfo<T> type, CancellationToken cancellationToken) => _retry.RetryAsync(
        async attempt =>
        {
            using var response = await SendAsync(address, null, attempt.Token);
            if (response.StatusCode != HttpStatusCode.OK) throw HttpFailure.Of(response, $"repository '{Name}' at '{reference.Revision}'");
            var json = await BoundedContent.ReadAsync(response, MaxAnswerSize, attempt.Token);
            try
            {
                return (JsonSerializer.Deserialize(json, type), GetNext(response));
            }
            catch (JsonException exception)
            {
                throw new TransferException(TransferException.Unavailable, $"'{address.Host}' gives no list of files of '{Name}'.", exception);
            }
        },
        cancellationToken);

    private Task<HttpResponseMessage> SendAsync(Uri address, RangeHeaderValue? range, CancellationToken cancellationToken) => http.SendAsync(
        address,
        target => new HttpRequestMessage(HttpMethod.Get, target)
        {
            Headers =
            {
                Range = range,
                Authorization = token is { Length: > 0 } ? new AuthenticationHeaderValue("Bearer", token) : null,
            },
        },
        cancellationToken,
        options.HuggingFace);

    // Link: <https://...>; rel="next"
    private static Uri? GetNext(HttpResponseMessage response)
    {
        foreach (var link in response.Headers.TryGetValues("Link", out var values) ? values : [])
            if (link.Contains("rel=\"next\"", StringComparison.Ordinal)
                && link.Split('<', '>') is [_, var address, ..]
                && Uri.TryCreate(response.RequestMessage!.RequestUri!, address, out var next))
                return next;
        return null;
    }
}
