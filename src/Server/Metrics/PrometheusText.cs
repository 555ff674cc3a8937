using System.Globalization;
using System.Text;

namespace ModelRunner.Server.Metrics;

/// <summary>
/// Metrics in the text format of Prometheus, version 0.0.4 (prometheus.io/docs/instrumenting/exposition_formats).
/// </summary>
internal sealed class PrometheusText
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private readonly StringBuilder _text = new();
    private string _name = "";

    /// <summary>Begins a metric whose values only grow.</summary>
    public PrometheusText Counter(string name, string help) => Begin(name, "counter", help);

    /// <summary>Begins a metric whose values go up and down.</summary>
    public PrometheusText Gauge(string name, string help) => Begin(name, "gauge", help);

    /// <summary>Adds a value of the metric that was begun last.</summary>
    public PrometheusText Add(long value, params ReadOnlySpan<(string Name, string Value)> labels)
    {
        _text.Append(_name);
        for (var i = 0; i < labels.Length; i++)
        {
            _text.Append(i == 0 ? '{' : ',').Append(labels[i].Name).Append("=\"");
            AppendEscaped(labels[i].Value);
            _text.Append('"');
        }

        if (labels.Length > 0) _text.Append('}');
        _text.Append(CultureInfo.InvariantCulture, $" {value}\n");
        return this;
    }

    public override string ToString() => _text.ToString();

    private PrometheusText Begin(string name, string type, string help)
    {
        _name = name;
        _text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {help}\n# TYPE {name} {type}\n");
        return this;
    }

    private void AppendEscaped(string value)
    {
        foreach (var character in value)
            _ = character switch
            {
                '\\' => _text.Append("\\\\"),
                '"' => _text.Append("\\\""),
                '\n' => _text.Append("\\n"),
                _ => _text.Append(character),
            };
    }
}
