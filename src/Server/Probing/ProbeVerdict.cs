using System.Text;

namespace ModelRunner.Server.Probing;

/// <summary>What is known about files.</summary>
/// <param name="Error">Why they are refused; null when they are fine.</param>
internal sealed record ProbeVerdict(string? Error)
{
    private const string Ok = "ok";

    public static ProbeVerdict Fine { get; } = new((string?)null);

    /// <summary>The verdict in the file, or null when there is none that can be read.</summary>
    public static ProbeVerdict? Read(string path)
    {
        try
        {
            var text = File.ReadAllText(path);
            return text == Ok ? Fine : text.Length > 0 ? new ProbeVerdict(text) : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Writes it in one step, so that a reader sees all or nothing.</summary>
    public void Write(string path)
    {
        var folder = Path.GetDirectoryName(path)!;
        Directory.CreateDirectory(folder);
        var temporary = Path.Combine(folder, $"{Guid.NewGuid():N}.tmp");
        File.WriteAllText(temporary, Error ?? Ok, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        File.Move(temporary, path, overwrite: true);
    }
}
