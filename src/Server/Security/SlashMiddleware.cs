using System.Text;

namespace ModelRunner.Server.Security;

/// <summary>
/// Takes slashes in a row for one, as Docker Model Runner does: clients join a base that ends in a slash with a path that
/// begins with one. Runs before routing and the checks, so that all of them see one path.
/// </summary>
internal sealed class SlashMiddleware(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext context)
    {
        if (context.Request.Path.Value is { } path && path.Contains("//", StringComparison.Ordinal))
            context.Request.Path = Collapse(path);
        return next(context);
    }

    private static string Collapse(string path)
    {
        var text = new StringBuilder(path.Length);
        foreach (var character in path)
            if (character != '/' || text.Length == 0 || text[^1] != '/')
                text.Append(character);
        return text.ToString();
    }
}
