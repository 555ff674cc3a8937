using System.Globalization;
using System.Text;

namespace ModelRunner.Server.Requests;

/// <summary>
/// Times as Docker Model Runner and Ollama write them: Go's durations (<c>1h30m</c>, <c>500ms</c>), or a plain number
/// of seconds. What is negative means for ever.
/// </summary>
internal static class GoDuration
{
    // Ten years: beyond any use, and far inside of what a TimeSpan and a timer hold.
    private const double MaxSeconds = 10 * 365.0 * 86_400;

    // Longest first where one unit begins another.
    private static readonly (string Name, double Seconds)[] Units =
        [("ns", 1e-9), ("us", 1e-6), ("µs", 1e-6), ("ms", 1e-3), ("h", 3600), ("m", 60), ("s", 1)];

    /// <summary>The time, for ever as <see cref="Timeout.InfiniteTimeSpan"/>; null when the text is none.</summary>
    public static TimeSpan? Parse(string text)
    {
        var rest = text.AsSpan().Trim();
        var isNegative = rest.StartsWith("-");
        if (isNegative) rest = rest[1..];
        if (rest.IsEmpty) return null;
        if (TryNumber(rest, out var plain)) return FromSeconds(isNegative ? -plain : plain);
        var seconds = 0.0;
        while (!rest.IsEmpty)
        {
            var length = 0;
            while (length < rest.Length && (char.IsAsciiDigit(rest[length]) || rest[length] == '.')) length++;
            if (!TryNumber(rest[..length], out var number)) return null;
            rest = rest[length..];
            if (!TryUnit(rest, out var unit)) return null;
            seconds += number * unit.Seconds;
            rest = rest[unit.Name.Length..];
        }

        return FromSeconds(isNegative ? -seconds : seconds);
    }

    /// <summary>A number of seconds; what is negative means for ever. Null beyond ten years.</summary>
    public static TimeSpan? FromSeconds(double seconds) =>
        seconds < 0 ? Timeout.InfiniteTimeSpan
        : seconds <= MaxSeconds ? TimeSpan.FromSeconds(seconds)
        : null;

    /// <summary>As Go prints it: <c>5m0s</c>; for ever as <c>-1</c>.</summary>
    public static string Format(TimeSpan time)
    {
        if (time < TimeSpan.Zero) return "-1";
        var text = new StringBuilder();
        var hours = (long)time.TotalHours;
        if (hours > 0) text.Append(CultureInfo.InvariantCulture, $"{hours}h");
        if (hours > 0 || time.Minutes > 0) text.Append(CultureInfo.InvariantCulture, $"{time.Minutes}m");
        return text.Append(CultureInfo.InvariantCulture, $"{time.Seconds + (time.Milliseconds / 1000.0)}s").ToString();
    }

    private static bool TryNumber(ReadOnlySpan<char> text, out double number) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out number) && double.IsFinite(number);

    private static bool TryUnit(ReadOnlySpan<char> text, out (string Name, double Seconds) found)
    {
        foreach (var unit in Units)
        {
            if (!text.StartsWith(unit.Name)) continue;
            found = unit;
            return true;
        }

        found = default;
        return false;
    }
}
