using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace ModelRunner.Server;

/// <summary>The instruments of the server, under the meter <see cref="MeterName"/>.</summary>
internal sealed class ServerMetrics : IDisposable
{
    public const string MeterName = "ModelRunner.Server";

    // The names come from clients: past this many different ones, the rest are counted together.
    private const int MaxFieldNames = 100;
    private const int MaxFieldNameLength = 64;

    private readonly ConcurrentDictionary<string, bool> _fieldNames = new(StringComparer.Ordinal);
    private readonly Meter _meter = new(MeterName);
    private readonly Counter<long> _unknownFields;
    private readonly UpDownCounter<int> _blockedWrites;

    public ServerMetrics()
    {
        _unknownFields = _meter.CreateCounter<long>(
            "modelrunner.unknown_fields", "{field}", "Fields of requests that nobody knows, by name");
        _blockedWrites = _meter.CreateUpDownCounter<int>(
            "modelrunner.blocked_writes", "{stream}", "Streams that wait for their reader");
    }

    public void CountUnknownFields(IReadOnlyList<string> names)
    {
        foreach (var name in names) _unknownFields.Add(1, new KeyValuePair<string, object?>("field", Limit(name)));
    }

    /// <summary>A stream's reader takes nothing: +1; it reads again or is gone: -1.</summary>
    public void AddBlockedWrites(int delta) => _blockedWrites.Add(delta);

    public void Dispose() => _meter.Dispose();

    private string Limit(string name)
    {
        if (name.Length > MaxFieldNameLength) return "other";
        if (_fieldNames.ContainsKey(name)) return name;
        return _fieldNames.Count < MaxFieldNames && _fieldNames.TryAdd(name, true) ? name : "other";
    }
}
