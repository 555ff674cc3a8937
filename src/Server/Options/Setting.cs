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
    /// <summary>Whether it may be given several times; one text holds several by the path list's separator.</summary>
    public bool IsList { get; init; }
}
