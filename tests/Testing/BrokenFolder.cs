namespace ModelRunner.Testing;

/// <summary>A GenAI folder with something wrong in it.</summary>
/// <param name="Name">What is wrong.</param>
/// <param name="Reason">A part of what must be said about it; null for random damage, which may hit what nobody reads.</param>
/// <param name="Damage">Does it to a copy of a good folder.</param>
public sealed record BrokenFolder(string Name, string? Reason, Action<string> Damage)
{
    /// <summary>Whether the folder must be refused.</summary>
    public bool MustFail => Reason is not null;
}
