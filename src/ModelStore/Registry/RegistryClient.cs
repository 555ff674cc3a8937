using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using ModelRunner.Abstractions.Errors;
using ModelRunner.ModelStore.Artifacts;
using ModelRunner.ModelStore.Content;
using ModelRunner.ModelStore.Http;
using ModelRunner.ModelStore.Transfer;

namespace ModelRunner.ModelStore.Registry;

/// <summary>One repository of a registry (OCI distribution specification 1.1). Thread-safe.</summary>
internal sealed class RegistryClient(
    TransferHttp http, RegistryReference reference, Credentials? credentials, TransferOptions options, TimeProvider time)
{
    private const string Pull = "pull";
    private const string Push = "pull,push";
    private readonly RegistryAuth _auth = new(http, reference.BaseUri, credentials);
    private readonly BlobFetcher _retry = new(options, time);

    /// <summary>The manifest of the reference; of an index, the one that it chooses.</summary>
    /// <exception cref="ModelNotFoundException">The registry has none.</exception>
    /// <exception cref="StoreException">It is none of a model.</exception>
    public async Task<Manifest> GetManifestAsync(CancellationToken cancellationToken)
    {
        var (type, bytes) = await ReadManifestAsync(reference.Reference, cancellationToken);
        if (type is not (MediaTypes.OciIndex or MediaTypes.DockerIndex)) return Manifest.Parse(bytes);
        if (ParseIndex(bytes)?.Choose() is not { Digest: { } digest } || !Digest.TryParse(digest, out _))
            throw new StoreException(StoreException.Unsupported, $"The index '{Name}' names no manifest of a model.");
        return Manifest.Parse((await ReadManifestAsync(digest, cancellationToken)).Bytes);
    }

    /// <summary>Where a blob of the repository comes from.</summary>
    public IBlobSource GetBlob(ManifestBlob blob) => new HttpBlobSource(
        $"blob {blob.Digest} of '{Name}'",
        blob.Size,
        (range, cancellationToken) => SendAsync(HttpMethod.Get, Address($"blobs/{blob.Digest}"), Pull, request => request.Headers.Range = range, cancellationToken));

    /// <summary>Uploads a blob that the registry does not have.</summary>
    public Task PushBlobAsync(ManifestBlob blob, Func<Stream> open, Action<long> progress, CancellationToken cancellationToken) =>
        _retry.RetryAsync(
            async attempt =>
            {
                using (var head = await SendAsync(HttpMethod.Head, Address($"blobs/{blob.Digest}"), Push, null, cancellationToken))
                    if (head.IsSuccessStatusCode) return true;
                using var begun = await SendAsync(HttpMethod.Post, Address("blobs/uploads/"), Push, null, cancellationToken);
                if (begun.StatusCode != HttpStatusCode.Accepted || begun.Headers.Location is not { } location)
                    throw HttpFailure.Of(begun, $"place for '{Name}'");
                var target = new UriBuilder(new Uri(begun.RequestMessage!.RequestUri!, location));
                target.Query = $"{target.Query.TrimStart('?')}{(target.Query.Length > 1 ? "&" : "")}digest={Uri.EscapeDataString(blob.Digest.ToString())}";
                using var ended = await SendAsync(
                    HttpMethod.Put,
                    target.Uri,
                    Push,
                    request =>
                    {
                        request.Content = new StreamContent(new ProgressStream(open(), progress), 1 << 20);
                        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
                        request.Content.Headers.ContentLength = blob.Size;
                    },
                    cancellationToken);
                return ended.StatusCode == HttpStatusCode.Created ? true : throw HttpFailure.Of(ended, $"place for '{Name}'");
            },
            cancellationToken);

    /// <summary>Gives the repository a manifest under the reference.</summary>
    public Task PushManifestAsync(Manifest manifest, CancellationToken cancellationToken) => _retry.RetryAsync(
        async attempt =>
        {
            using var response = await SendAsync(
                HttpMethod.Put,
                Address($"manifests/{reference.Reference}"),
                Push,
                request =>
                {
                    request.Content = new ByteArrayContent(manifest.Bytes);
                    request.Content.Headers.ContentType = new MediaTypeHeaderValue(manifest.Document.MediaType ?? MediaTypes.OciManifest);
                },
                cancellationToken);
            return response.StatusCode == HttpStatusCode.Created ? true : throw HttpFailure.Of(response, $"place for '{Name}'");
        },
        cancellationToken);

    private string Name => $"{reference.Repository}:{reference.Reference}";

    private Uri Address(string path) => new(reference.BaseUri, $"v2/{reference.Repository}/{path}");

    private Task<(string? Type, byte[] Bytes)> ReadManifestAsync(string tagOrDigest, CancellationToken cancellationToken) => _retry.RetryAsync(
        async attempt =>
        {
            using var response = await SendAsync(
                HttpMethod.Get,
                Address($"manifests/{tagOrDigest}"),
                Pull,
                request =>
                {
                    foreach (var type in MediaTypes.Manifests) request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(type));
                },
                attempt.Token);
            if (response.StatusCode != HttpStatusCode.OK) throw HttpFailure.Of(response, $"model '{Name}'");
            var bytes = await BoundedContent.ReadAsync(response, Manifest.MaxSizeInBytes, attempt.Token);
            if (Digest.TryParse(tagOrDigest, out var wanted) && Digest.Of(bytes) != wanted)
                throw new TransferException(TransferException.Corrupt, $"The manifest of '{Name}' is not what its digest says.");
            return (response.Content.Headers.ContentType?.MediaType, bytes);
        },
        cancellationToken);

    private async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, Uri address, string actions, Action<HttpRequestMessage>? fill, CancellationToken cancellationToken)
    {
        var scope = $"repository:{reference.Repository}:{actions}";
        for (var isFirst = true; ; isFirst = false)
        {
            var response = await http.SendAsync(address, Create, cancellationToken, reference.BaseUri);
            if (response.StatusCode != HttpStatusCode.Unauthorized || !isFirst || !TransferHttp.IsSameOrigin(response.RequestMessage!.RequestUri!, reference.BaseUri))
                return response;
            using (response)
                if (!await _auth.MeetAsync(response, scope, cancellationToken))
                    throw HttpFailure.Of(response, $"model '{Name}'");
        }

        HttpRequestMessage Create(Uri target)
        {
            var request = new HttpRequestMessage(method, target);
            fill?.Invoke(request);
            request.Headers.Authorization = _auth.Get(scope);
            return request;
        }
    }

    private static IndexDocument? ParseIndex(byte[] bytes)
    {
        try
        {
            return JsonSerializer.Deserialize(bytes, OciJson.Default.IndexDocument);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
