namespace ModelRunner.Server.Endpoints;

/// <summary>The three addresses of every call: with the engine named, and twice without.</summary>
internal static class ApiPaths
{
    private const string Engine = "engine";

    public static string[] Of(string call) => [$"/engines/{{{Engine}}}/v1/{call}", $"/engines/v1/{call}", $"/v1/{call}"];

    /// <summary>The engine that the path names, or null.</summary>
    public static string? GetEngine(HttpContext context) => context.Request.RouteValues[Engine] as string;
}
