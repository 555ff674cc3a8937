namespace ModelRunner.Testing;

/// <summary>A GenAI folder with something wrong in it.</summary>
/// <param name="Name">What is wrong.</param>
/// <param name="MustFail">False for random damage, which may hit what nobody reads.</param>
/// <param name="Damage">Does it to a copy of a good folder.</param>
public sealed record BrokenFolder(string Name, bool MustFail, Action<string> Damage);
