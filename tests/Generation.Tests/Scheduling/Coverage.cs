using System.Text;
using ModelRunner.Abstractions.Requests;
using ModelRunner.Abstractions.Tokens;
using ModelRunner.Generation.Scheduling;

namespace ModelRunner.Generation.Tests.Scheduling;

/// <summary>How often the simulation came by each of the things it is there for.</summary>
internal sealed class Coverage
{
    private readonly SortedDictionary<string, long> _counts = new(StringComparer.Ordinal);

    public long Refused { get; set; }

    public long SlowReaders { get; set; }

    public long DecodeFailures { get; set; }

    public long AbandonedSteps { get; set; }

    public void Decoded(DecodeStatus status) => Count($"decode {status}", 1);

    public void CancelledIn(SequencePhase phase) => Count($"cancel in {phase}", 1);

    public void Finished(FinishReason reason) => Count($"finish {reason}", 1);

    public void Add(SchedulerCounters counters)
    {
        Count("evictions", counters.Evictions);
        Count("preemptions", counters.Preemptions);
        Count("parkings", counters.Parkings);
        Count("prefix taken over", counters.PrefixTakeOvers);
        Count("prefix copied", counters.PrefixCopies);
        Count("drafts accepted", counters.AcceptedDrafts);
        Count("drafts rejected", counters.RejectedDrafts);
        Count("forced tokens", counters.ForcedTokens);
        Count("retries", counters.Retries);
        Count("faults", counters.Faults);
    }

    public void Merge(Coverage other)
    {
        Refused += other.Refused;
        SlowReaders += other.SlowReaders;
        DecodeFailures += other.DecodeFailures;
        AbandonedSteps += other.AbandonedSteps;
        foreach (var (name, count) in other._counts)
            Count(name, count);
    }

    public void AssertComplete()
    {
        string[] wanted =
        [
            .. Enum.GetNames<DecodeStatus>().Select(name => $"decode {name}"),
            "cancel in Waiting", "cancel in Prefilling", "cancel in Decoding", "cancel in Parked",
            "finish Stop", "finish Length",
            "evictions", "preemptions", "parkings", "prefix taken over", "prefix copied", "drafts accepted",
            "drafts rejected", "forced tokens", "retries", "faults",
        ];
        foreach (var name in wanted)
            Assert.True(_counts.GetValueOrDefault(name) > 0, $"never seen: {name}\n{this}");

        Assert.True(Refused > 0 && SlowReaders > 0 && DecodeFailures > 0 && AbandonedSteps > 0, ToString());
    }

    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var (name, count) in _counts)
            text.AppendLine($"{name,-24}{count,14:N0}");

        return text.Append($"{"refused",-24}{Refused,14:N0}\n{"slow readers ended",-24}{SlowReaders,14:N0}\n{"requests failed",-24}{DecodeFailures,14:N0}\n{"steps abandoned",-24}{AbandonedSteps,14:N0}\n").ToString();
    }

    private void Count(string name, long count) => _counts[name] = _counts.GetValueOrDefault(name) + count;
}
