namespace ModelRunner.Wire.Dmr;

/// <summary>The last requests to one model, oldest first.</summary>
public sealed record RecordedModel(int Count, string Model, IReadOnlyList<RecordedRequest> Records);
