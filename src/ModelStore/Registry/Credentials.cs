namespace ModelRunner.ModelStore.Registry;

/// <summary>What a registry is shown. Immutable; never logged.</summary>
/// <param name="User">The user, or empty.</param>
/// <param name="Password">The password, or empty.</param>
/// <param name="RefreshToken">A token that buys tokens; null without one.</param>
/// <param name="BearerToken">A token for the registry itself; null without one.</param>
internal sealed record Credentials(string User, string Password, string? RefreshToken = null, string? BearerToken = null)
{
    /// <inheritdoc/>
    public override string ToString() => "(credentials)";
}
