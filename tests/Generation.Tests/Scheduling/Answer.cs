using ModelRunner.Abstractions.Requests;

namespace ModelRunner.Generation.Tests.Scheduling;

/// <summary>What one choice came to.</summary>
internal sealed record Answer
{
    public List<int> Tokens { get; } = [];

    public List<byte> Bytes { get; } = [];

    public FinishReason Reason { get; init; }

    public override string ToString() =>
        $"[{string.Join(' ', Tokens)}] '{System.Text.Encoding.UTF8.GetString([.. Bytes])}' {Reason}";
}
