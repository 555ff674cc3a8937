namespace ModelRunner.Server.Options;

/// <summary>One setting in its three forms. The command line wins over the environment, that over the file.</summary>
/// <param name="Name">The option without dashes.</param>
/// <param name="Environment">The environment variable.</param>
/// <param name="Key">The key in <c>appsettings.json</c>.</param>
/// <param name="Help">What it does, with its default.</param>
/// <param name="Apply">Puts the values into the options; several only where the setting may be repeated.</param>
internal sealed record Setting(
    string Name,
    string Environment,
    string Key,
    string Help,
    Func<ServerOptions, IReadOnlyList<string>, ServerOptions> Apply)
{
    /// <summary>What parts several values in one text; null for a setting that may not be repeated.</summary>
    public char? Separator { get; init; }

    /// <summary>Whether the option may stand without a value, for true.</summary>
    public bool IsFlag { get; init; }
}
