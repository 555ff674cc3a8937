using System.Globalization;
using ModelRunner.Wire.Dmr;

namespace ModelRunner.Cli.Terminal;

/// <summary>One line with the bytes, the rate and the time left of a transfer. Silent where nobody watches.</summary>
internal sealed class ProgressBar(TextWriter output, bool isShown, TimeProvider time)
{
    private const int Width = 30;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly Dictionary<string, long> _layers = new(StringComparer.Ordinal);
    private readonly long _started = time.GetTimestamp();
    private long _first = -1;
    private long _shownAt;
    private bool _isOpen;

    public void Show(ProgressMessage line)
    {
        if (!isShown || line.Layer.Id is not { } layer) return;
        _layers[layer] = line.Layer.Current;
        var done = _layers.Values.Sum();
        if (_first < 0) _first = done;
        var now = time.GetTimestamp();
        if (_isOpen && time.GetElapsedTime(_shownAt, now) < Pause && done < line.Total) return;
        _shownAt = now;
        _isOpen = true;
        var part = line.Total > 0 ? Math.Min(1, done / (double)line.Total) : 0;
        var seconds = Math.Max(time.GetElapsedTime(_started, now).TotalSeconds, 0.001);
        var rate = (done - _first) / seconds;
        var left = rate > 0 ? TimeSpan.FromSeconds(Math.Min((line.Total - done) / rate, 359_999)) : TimeSpan.Zero;
        var bar = new string('#', (int)(part * Width)).PadRight(Width, '.');
        output.Write(string.Create(
            CultureInfo.InvariantCulture,
            $"\r\u001b[K[{bar}] {part * 100,3:0}%  {Units.Bytes(done)} of {Units.Bytes(line.Total)}  {Units.Bytes((long)rate)}/s  {left:hh\\:mm\\:ss} left"));
    }

    public void End()
    {
        if (_isOpen) output.WriteLine();
        _isOpen = false;
    }
}
