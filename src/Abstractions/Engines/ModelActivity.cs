namespace ModelRunner.Abstractions.Engines;

/// <summary>What a model has to do, as it was when it was asked for.</summary>
/// <param name="WaitingRequestCount">Requests that wait for their first slot.</param>
/// <param name="ActiveSequenceCount">Sequences that run.</param>
public readonly record struct ModelActivity(int WaitingRequestCount, int ActiveSequenceCount);
