namespace ModelRunner.ModelStore.Transfer;

/// <summary>The source answers a ranged request with the whole.</summary>
internal sealed class RangesIgnoredException() : Exception("The source gives no ranges.");
