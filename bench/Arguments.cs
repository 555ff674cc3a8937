using System.Globalization;

namespace ModelRunner.Bench;

/// <summary>Options of a command line, each <c>--name value</c>.</summary>
internal sealed class Arguments
{
    private readonly Dictionary<string, string> _values = [];

    public Arguments(ReadOnlySpan<string> arguments)
    {
        for (var i = 0; i < arguments.Length; i += 2)
        {
            if (!arguments[i].StartsWith("--", StringComparison.Ordinal) || i + 1 == arguments.Length)
                throw new ArgumentException($"'{arguments[i]}' is no option with a value.");

            _values[arguments[i][2..]] = arguments[i + 1];
        }
    }

    public string Text(string name, string fallback) => _values.GetValueOrDefault(name, fallback);

    public int Number(string name, int fallback) =>
        _values.TryGetValue(name, out var value) ? int.Parse(value, CultureInfo.InvariantCulture) : fallback;

    public int[] Numbers(string name, params int[] fallback) =>
        _values.TryGetValue(name, out var value)
            ? [.. value.Split(',').Select(part => int.Parse(part, CultureInfo.InvariantCulture))]
            : fallback;
}
