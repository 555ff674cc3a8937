using System.Diagnostics.Metrics;
using ModelRunner.Abstractions.Requests;

namespace ModelRunner.Server.Metrics;

/// <summary>What the server counts, for <c>/metrics</c>; some of it also under the meter <see cref="MeterName"/>. Thread-safe.</summary>
internal sealed class ServerMetrics : IDisposable
{
    public const string MeterName = "ModelRunner.Server";

    // The names come from clients: past this many different ones, the rest are counted together.
    private const int MaxFieldNames = 100;
    private const int MaxFieldNameLength = 64;
    private const string Other = "other";

    private readonly Meter _meter = new(MeterName);
    private readonly Counter<long> _unknownFields;
    private readonly UpDownCounter<int> _blockedWrites;
    private int _blockedWriteCount;

    public ServerMetrics()
    {
        _unknownFields = _meter.CreateCounter<long>(
            "modelrunner.unknown_fields", "{field}", "Fields of requests that nobody knows, by name");
        _blockedWrites = _meter.CreateUpDownCounter<int>(
            "modelrunner.blocked_writes", "{stream}", "Streams that wait for their reader");
    }

    /// <summary>Requests that have ended, by the pattern of their route and their status.</summary>
    public LabelledCounter<(string Route, int Status)> Requests { get; } = new();

    /// <summary>Tokens of prompts, by model.</summary>
    public LabelledCounter<string> PromptTokens { get; } = new();

    /// <summary>Tokens generated, by model.</summary>
    public LabelledCounter<string> CompletionTokens { get; } = new();

    /// <summary>Fields that nobody knows, by name.</summary>
    public LabelledCounter<string> UnknownFields { get; } = new();

    /// <summary>Streams that wait for their reader.</summary>
    public int BlockedWriteCount => Volatile.Read(ref _blockedWriteCount);

    public void CountRequest(HttpContext context) =>
        Requests.Add(((context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? Other, context.Response.StatusCode), 1);

    /// <summary>An answer is whole, or has no usage and is not counted.</summary>
    public void CountTokens(string model, TokenUsage? usage)
    {
        if (usage is { } known) CountTokens(model, known.PromptTokenCount, known.CompletionTokenCount);
    }

    /// <inheritdoc cref="CountTokens(string, TokenUsage?)"/>
    public void CountTokens(string model, int promptTokenCount, int completionTokenCount)
    {
        PromptTokens.Add(model, promptTokenCount);
        CompletionTokens.Add(model, completionTokenCount);
    }

    public void CountUnknownFields(IReadOnlyList<string> names)
    {
        foreach (var name in names)
        {
            var field = Limit(name);
            UnknownFields.Add(field, 1);
            _unknownFields.Add(1, new KeyValuePair<string, object?>("field", field));
        }
    }

    /// <summary>A stream's reader takes nothing: +1; it reads again or is gone: -1.</summary>
    public void AddBlockedWrites(int delta)
    {
        Interlocked.Add(ref _blockedWriteCount, delta);
        _blockedWrites.Add(delta);
    }

    public void Dispose() => _meter.Dispose();

    // Two requests at once may add one name too many each: a bound, not a number.
    private string Limit(string name) =>
        name.Length <= MaxFieldNameLength && (UnknownFields.Contains(name) || UnknownFields.LabelCount < MaxFieldNames) ? name : Other;
}
