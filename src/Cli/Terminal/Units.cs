using System.Globalization;

namespace ModelRunner.Cli.Terminal;

/// <summary>Numbers as people read them.</summary>
internal static class Units
{
    public static string Bytes(long bytes) => bytes switch
    {
        >= 1L << 30 => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 30):0.00} GiB"),
        >= 1L << 20 => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 20):0.0} MiB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024.0:0.0} KiB"),
    };

    public static string Ago(TimeSpan time) => time switch
    {
        { TotalDays: >= 365 } => $"{(int)(time.TotalDays / 365)} years ago",
        { TotalDays: >= 2 } => $"{(int)time.TotalDays} days ago",
        { TotalHours: >= 2 } => $"{(int)time.TotalHours} hours ago",
        { TotalMinutes: >= 2 } => $"{(int)time.TotalMinutes} minutes ago",
        _ => $"{Math.Max((int)time.TotalSeconds, 0)} seconds ago",
    };
}
