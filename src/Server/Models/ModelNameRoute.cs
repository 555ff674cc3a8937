namespace ModelRunner.Server.Models;

/// <summary>A model's name of any number of segments in a path, and what is asked of it behind it.</summary>
internal static class ModelNameRoute
{
    /// <summary>The name in the route; routing has decoded all but the slash.</summary>
    public static string GetName(HttpContext context) =>
        ((string?)context.Request.RouteValues["name"] ?? "").Replace("%2F", "/", StringComparison.OrdinalIgnoreCase).Trim('/');

    /// <summary>The name and the last segment.</summary>
    public static (string Name, string Action) GetNameAndAction(HttpContext context)
    {
        var path = GetName(context);
        var slash = path.LastIndexOf('/');
        return slash < 0 ? ("", path) : (path[..slash], path[(slash + 1)..]);
    }

    /// <summary>A flag of the query as Go reads it: its name alone, or a value for true.</summary>
    public static bool HasFlag(HttpContext context, string name) =>
        context.Request.Query.TryGetValue(name, out var value) && value.ToString() is "" or "1" or "t" or "T" or "true" or "TRUE" or "True";
}
