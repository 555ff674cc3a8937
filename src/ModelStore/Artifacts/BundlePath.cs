using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace ModelRunner.ModelStore.Artifacts;

/// <summary>
/// A checked relative path of a file inside a model: segments that name something below the folder on every operating
/// system. The only way from an annotation or a repository's listing to a path.
/// </summary>
internal readonly record struct BundlePath
{
    private const int MaxDepth = 16;
    private const int MaxSegmentLength = 200;

    // What Windows gives a meaning of its own, and what no listing shows.
    private static readonly SearchValues<char> Forbidden = SearchValues.Create(
        [.. "\\:*?\"<>|", .. Enumerable.Range(0, 32).Select(code => (char)code), (char)127]);

    private static readonly HashSet<string> Devices = new(
        ["con", "prn", "aux", "nul", .. Enumerable.Range(0, 10).SelectMany(port => new[] { $"com{port}", $"lpt{port}" })],
        StringComparer.OrdinalIgnoreCase);

    private BundlePath(string text) => Text = text;

    /// <summary>With slashes.</summary>
    public string Text { get; }

    public static bool TryParse([NotNullWhen(true)] string? text, out BundlePath path)
    {
        path = default;
        if (string.IsNullOrEmpty(text)) return false;
        var segments = text.Split('/');
        if (segments.Length > MaxDepth || !segments.All(IsSafe)) return false;
        path = new BundlePath(text);
        return true;
    }

    /// <summary>The path below a folder.</summary>
    public string In(string folder) => Path.Combine([folder, .. Text.Split('/')]);

    private static bool IsSafe(string segment) =>
        segment is { Length: > 0 and <= MaxSegmentLength } and not "." and not ".."
        && segment[^1] is not ('.' or ' ')
        && !segment.AsSpan().ContainsAny(Forbidden)
        && !Devices.Contains(segment.Split('.')[0].TrimEnd());
}
