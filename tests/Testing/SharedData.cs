using Xunit;

namespace ModelRunner.Testing;

/// <summary>Reference data that stands beside the checkout on some machines, and is never part of it.</summary>
public static class SharedData
{
    private static readonly string Root =
        Path.GetFullPath(Path.Combine(Repository.Root, "..", "shared"));

    /// <summary>Full path of a shared file, or null where it is absent.</summary>
    public static string? Find(string relativePath)
    {
        var path = Path.Combine(Root, relativePath);
        return File.Exists(path) || Directory.Exists(path) ? path : null;
    }

    /// <summary>Full path of a shared file; the calling test is reported skipped where it is absent.</summary>
    public static string Require(string relativePath)
    {
        var path = Path.Combine(Root, relativePath);
        Assert.SkipUnless(File.Exists(path) || Directory.Exists(path), $"shared/{relativePath} is not on this machine");
        return path;
    }

    /// <summary>The 260K-parameter TinyStories model in GGUF.</summary>
    public static string Stories260K => Require("models/stories260K.gguf");
}
