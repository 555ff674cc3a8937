using ModelRunner.Clients.Tests;

[assembly: AssemblyFixture(typeof(SharedServers))]
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]
