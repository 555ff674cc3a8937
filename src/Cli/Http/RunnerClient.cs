using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ModelRunner.Cli.Packaging;
using ModelRunner.Wire.OpenAi;

namespace ModelRunner.Cli.Http;

/// <summary>The server that <c>MODEL_RUNNER_HOST</c> names, this machine's by default. Failures end the command.</summary>
internal sealed class RunnerClient : IDisposable
{
    private const string DefaultHost = "http://127.0.0.1:12434";

    // A busy server takes longer than the handler's second to say whether it wants a package.
    private static readonly TimeSpan RefusalTime = TimeSpan.FromSeconds(30);

    private readonly HttpClient _http;

    public RunnerClient(Func<string, string?> environment)
    {
        var host = environment("MODEL_RUNNER_HOST") is { Length: > 0 } given ? given : DefaultHost;
        if (!host.Contains("://", StringComparison.Ordinal)) host = $"http://{host}";
        if (!Uri.TryCreate(host.TrimEnd('/') + "/", UriKind.Absolute, out var address))
            throw new CommandFailedException(ExitCodes.Usage, $"MODEL_RUNNER_HOST is '{host}', which is no address.");
        _http = new HttpClient(new SocketsHttpHandler { Expect100ContinueTimeout = RefusalTime }) { BaseAddress = address, Timeout = Timeout.InfiniteTimeSpan };
        if (environment("MODEL_RUNNER_API_KEY") is { Length: > 0 } key) _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
    }

    public Uri Address => _http.BaseAddress!;

    public static RunnerClient Open() => new(Environment.GetEnvironmentVariable);

    /// <summary>An answer of JSON.</summary>
    public async Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        Parse(await GetTextAsync(path, cancellationToken), type);

    public async Task<string> GetTextAsync(string path, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(HttpMethod.Get, path, null, cancellationToken);
        return await response.Content.ReadAsStringAsync(cancellationToken);
    }

    public async Task<string> SendForTextAsync(HttpMethod method, string path, string? json, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(method, path, ToContent(json), cancellationToken);
        return await response.Content.ReadAsStringAsync(cancellationToken);
    }

    /// <summary>The lines of an answer, as they come.</summary>
    public async IAsyncEnumerable<string> StreamAsync(
        HttpMethod method, string path, HttpContent? content, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var response = await SendAsync(method, path, content, cancellationToken);
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        using var reader = new StreamReader(stream);
        while (await ReadAsync(reader, cancellationToken) is { } line)
            if (line.Length > 0)
                yield return line;
    }

    /// <summary>Sends a request, and gives the answer when its headers are there.</summary>
    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, HttpContent? content, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, new Uri(Address, path)) { Content = content };

        // A refusal must come before gigabytes are sent: afterwards nobody reads it.
        request.Headers.ExpectContinue = content is PackageContent;
        HttpResponseMessage response;
        try
        {
            response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        }
        catch (HttpRequestException exception) when (exception.HttpRequestError is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError)
        {
            throw new CommandFailedException(
                ExitCodes.Unreachable, $"No server answers at {Address}: {exception.Message}\nStart one with: modelrunner serve");
        }
        catch (HttpRequestException exception)
        {
            throw new CommandFailedException(ExitCodes.Failure, $"The connection to the server broke: {exception.Message}");
        }

        if (response.IsSuccessStatusCode) return response;
        using (response)
        {
            var code = response.StatusCode == HttpStatusCode.NotFound ? ExitCodes.NotFound : ExitCodes.Failure;
            throw new CommandFailedException(code, GetMessage(await response.Content.ReadAsStringAsync(cancellationToken), response.StatusCode));
        }
    }

    /// <summary>The path of a model, its slashes kept.</summary>
    public static string ModelPath(string name) => $"models/{string.Join('/', name.Split('/').Select(Uri.EscapeDataString))}";

    public static HttpContent? ToContent(string? json) => json is null ? null : new StringContent(json, Encoding.UTF8, "application/json");

    public static T Parse<T>(string json, JsonTypeInfo<T> type)
    {
        try
        {
            return JsonSerializer.Deserialize(json, type) ?? throw new JsonException();
        }
        catch (JsonException)
        {
            throw new CommandFailedException(ExitCodes.Failure, "The server answers with something else than this command expects: is it a ModelRunner?");
        }
    }

    public void Dispose() => _http.Dispose();

    private static async Task<string?> ReadAsync(StreamReader reader, CancellationToken cancellationToken)
    {
        try
        {
            return await reader.ReadLineAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or HttpRequestException)
        {
            throw new CommandFailedException(ExitCodes.Failure, $"The connection to the server broke: {exception.Message}");
        }
    }

    private static string GetMessage(string body, HttpStatusCode status)
    {
        try
        {
            return JsonSerializer.Deserialize(body, OpenAiJson.Default.ErrorBody)?.Error.Message ?? $"The server answers {(int)status}.";
        }
        catch (JsonException)
        {
            return body.Trim() is { Length: > 0 and < 500 } text ? text : $"The server answers {(int)status}.";
        }
    }
}
