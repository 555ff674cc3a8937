namespace ModelRunner.ModelStore.Content;

/// <summary>What a check found.</summary>
/// <param name="CheckedBytes">Bytes that were hashed.</param>
/// <param name="Faults">All faults; none in a sound store.</param>
public sealed record StoreReport(long CheckedBytes, IReadOnlyList<StoreFault> Faults);
