namespace ModelRunner.Clients.Tests;

/// <summary>One server process, whose tests all ask one engine.</summary>
internal sealed record SharedServer(string Engine, ServerProcess Process)
{
    /// <summary>What clients are given as their base: the engine is named in it.</summary>
    public Uri Base => new(Process.Address, $"engines/{Engine}/v1");
}
