namespace ModelRunner.Cli.Tests.Live;

/// <summary>The tests that share the server process, one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class OneServer : ICollectionFixture<LiveServer>
{
    public const string Name = "live";
}
