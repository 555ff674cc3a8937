namespace ModelRunner.Testing;

/// <summary>A valid tiny model with one or more defects; it may still be valid.</summary>
/// <param name="Name">The seed and what was done, which replays it.</param>
/// <param name="Content">The file.</param>
/// <param name="IsDataOnly">True where only tensor data changed, so that readers must accept it.</param>
public sealed record MutatedGguf(string Name, byte[] Content, bool IsDataOnly)
{
    /// <inheritdoc/>
    public override string ToString() => Name;
}
