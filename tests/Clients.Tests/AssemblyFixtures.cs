using ModelRunner.Clients.Tests;

[assembly: AssemblyFixture(typeof(SharedServer))]
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]
