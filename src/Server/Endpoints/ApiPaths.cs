namespace ModelRunner.Server.Endpoints;

/// <summary>The three addresses of every call: with the engine named, and twice without.</summary>
internal static class ApiPaths
{
    private const string Engine = "engine";

    private static readonly string[] ModelCalls = ["/v1/chat/completions", "/v1/completions", "/v1/embeddings"];

    public static string[] Of(string call) => [$"/engines/{{{Engine}}}/v1/{call}", $"/engines/v1/{call}", $"/v1/{call}"];

    /// <summary>The engine that the path names, or null.</summary>
    public static string? GetEngine(HttpContext context) => context.Request.RouteValues[Engine] as string;

    /// <summary>Whether a request is one of the calls that a model computes the answer to. Also before routing.</summary>
    public static bool IsModelCall(HttpRequest request) =>
        HttpMethods.IsPost(request.Method)
        && Array.Exists(ModelCalls, call => request.Path.Value?.EndsWith(call, StringComparison.Ordinal) == true);
}
