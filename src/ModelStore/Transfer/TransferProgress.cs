namespace ModelRunner.ModelStore.Transfer;

/// <summary>How far a transfer is.</summary>
/// <param name="Layer">The digest of the layer that moves.</param>
/// <param name="LayerSize">Its bytes.</param>
/// <param name="Current">Bytes of it that are done.</param>
/// <param name="Total">Bytes of the whole model.</param>
/// <param name="IsVerifying">Whether bytes that were there are checked, and nothing is moved.</param>
public readonly record struct TransferProgress(string Layer, long LayerSize, long Current, long Total, bool IsVerifying = false);
