namespace ModelRunner.ModelStore.Content;

/// <summary>Something wrong in a store.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Digest">The blob or manifest.</param>
/// <param name="Models">The names of the models that it belongs to.</param>
public sealed record StoreFault(StoreFaultKind Kind, string Digest, IReadOnlyList<string> Models);
