namespace ModelRunner.Testing;

/// <summary>One file that must be refused.</summary>
/// <param name="Name">What is wrong with it.</param>
/// <param name="Content">The file.</param>
/// <param name="ExpectedMessage">Part of the message that names the culprit.</param>
public sealed record HostileGguf(string Name, byte[] Content, string ExpectedMessage)
{
    /// <inheritdoc/>
    public override string ToString() => Name;
}
