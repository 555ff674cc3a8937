using ModelRunner.Testing;

[assembly: AssemblyFixture(typeof(MachineLock))]
