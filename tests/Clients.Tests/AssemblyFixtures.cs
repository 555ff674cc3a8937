using ModelRunner.Clients.Tests;
using ModelRunner.Clients.Tests.Scripted;

[assembly: AssemblyFixture(typeof(SharedServers))]
[assembly: AssemblyFixture(typeof(ScriptedServer))]
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]
