using System.Globalization;
using ModelRunner.Wire.Dmr;

namespace ModelRunner.Cli.Terminal;

/// <summary>One line with the bytes, the rate and the time left of a transfer. Silent where nobody watches.</summary>
internal sealed class ProgressBar(TextWriter output, bool isShown, TimeProvider time, string? label = null) : IDisposable
{
    // With the longest numbers and label the line has 79 columns: one that wraps is never overwritten.
    private const int Width = 14;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly Dictionary<string, long> _layers = new(StringComparer.Ordinal);
    private readonly long _started = time.GetTimestamp();
    private long _first = -1;
    private long _shownAt;
    private bool _isOpen;

    /// <summary>Shows a line of the server's stream. A bar with a label is not about that.</summary>
    public void Show(ProgressMessage line)
    {
        if (label is not null || line.Layer.Id is not { } layer) return;
        _layers[layer] = line.Layer.Current;
        Show(_layers.Values.Sum(), line.Total);
    }

    /// <summary>Shows so many bytes of so many.</summary>
    public void Show(long done, long total)
    {
        if (!isShown) return;
        if (_first < 0) _first = done;
        var now = time.GetTimestamp();
        if (_isOpen && time.GetElapsedTime(_shownAt, now) < Pause && done < total) return;
        _shownAt = now;
        _isOpen = true;
        var part = total > 0 ? Math.Min(1, done / (double)total) : 0;
        var seconds = Math.Max(time.GetElapsedTime(_started, now).TotalSeconds, 0.001);
        var rate = (done - _first) / seconds;
        var left = rate > 0 ? TimeSpan.FromSeconds(Math.Min((total - done) / rate, 359_999)) : TimeSpan.Zero;
        var bar = new string('#', (int)(part * Width)).PadRight(Width, '.');
        output.Write(string.Create(
            CultureInfo.InvariantCulture,
            $"\r\u001b[K{label}{(label is null ? "" : " ")}[{bar}] {part * 100,3:0}%  {Units.Bytes(done)} of {Units.Bytes(total)}  {Units.Bytes((long)rate)}/s  {(int)left.TotalHours:00}:{left:mm\\:ss}"));
    }

    /// <summary>Ends the line, for what is written next; bytes that come later begin another.</summary>
    public void End()
    {
        if (_isOpen) output.WriteLine();
        _isOpen = false;
    }

    public void Dispose() => End();
}
