namespace ModelRunner.ModelStore.Transfer;

/// <summary>The source asks to come back later.</summary>
/// <param name="message">What it said.</param>
/// <param name="pause">How long it asks to wait; null where it does not say.</param>
internal sealed class RetryAfterException(string message, TimeSpan? pause) : HttpRequestException(message)
{
    public TimeSpan? Pause { get; } = pause;
}
